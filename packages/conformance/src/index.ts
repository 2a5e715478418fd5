export type { AdapterCase } from './adapter/adapter-case.ts'
export { adapterCases } from './adapter/adapter-cases.ts'
export type {
  AdapterFixture,
  CaseSetup,
  CaseTool,
  Conversation,
  ScriptedCall,
  Told,
  Ways,
} from './adapter/adapter-fixture.ts'
export type { AdapterMutant } from './adapter/adapter-mutant.ts'
export { adapterMutants } from './adapter/adapter-mutants.ts'
export type { EngineCase, EngineFixture, MakeEngine } from './engine/engine-case.ts'
export { engineCases } from './engine/engine-cases.ts'
export type { EngineMutant } from './engine/engine-mutant.ts'
export { engineMutants } from './engine/engine-mutants.ts'
export { faultyEngine } from './engine/faulty-engine.ts'
export type { EngineFault, EngineFaultKind, EngineMethod, FaultyEngine } from './engine/faulty-engine.ts'
export { memoryFixture } from './engine/memory-fixture.ts'
