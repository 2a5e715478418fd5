import { openCapFence } from '@capfence/core'
import { MemoryEngine } from '@capfence/core/memory'
// #region setup
import { context, metrics, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { ConsoleMetricExporter, MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics'
import { BatchSpanProcessor, ConsoleSpanExporter, TracerProvider } from '@opentelemetry/sdk-trace'

const spanProcessors = [new BatchSpanProcessor({ exporter: new ConsoleSpanExporter() })]
const readers = [new PeriodicExportingMetricReader({ exporter: new ConsoleMetricExporter() })]
const providers = { tracers: new TracerProvider({ spanProcessors }), meters: new MeterProvider({ readers }) }
context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
trace.setGlobalTracerProvider(providers.tracers)
metrics.setGlobalMeterProvider(providers.meters)
// before the process ends: await providers.tracers.shutdown(), await providers.meters.shutdown()
// #endregion setup

const [policy = ''] = process.argv.slice(2)
const fence = await openCapFence({ policy, db: new MemoryEngine() })
const call = { actor: 'agent', environment: 'production', risk: 'low', resource: 'filesystem.workspace' } as const
await fence.runtime.run({ ...call, action: 'read', tool: 'read_file' }, () => 'ran')
await fence.close()
await providers.tracers.shutdown()
await providers.meters.shutdown()
