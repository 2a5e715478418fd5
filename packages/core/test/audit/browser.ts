import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http'
import { createRequire, stripTypeScriptTypes } from 'node:module'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'

const MUST_BE_THERE = process.env['CAPFENCE_REQUIRE_SERVICES'] === '1'
const NAMES = [process.env['CAPFENCE_CHROMIUM'] ?? '', 'chromium', 'chromium-browser', 'google-chrome']
const SOURCES = fileURLToPath(new URL('../../src/', import.meta.url))
const NOBLE = createRequire(import.meta.url).resolve('@noble/ed25519')

/** The browser of this machine; undefined where there is none, which is an error where services are required. */
export function findBrowser(): string | undefined {
  const found = NAMES.find((name) => name !== '' && spawnSync(name, ['--version']).status === 0)
  if (found === undefined && MUST_BE_THERE) throw new Error('there is no Chromium; `apt-get install chromium`')
  if (found === undefined) console.log('chromium: none found, so nothing is tried in a browser')
  return found
}

/**
 * Runs a module in the browser with the sources of core under `/src/`, stripped of their types and otherwise as they are,
 * and answers with what it hands to `done`.
 */
export async function inBrowser(browser: string, script: string, input: unknown): Promise<unknown> {
  const folder = mkdtempSync(join(tmpdir(), 'capfence-browser-'))
  const answered = Promise.withResolvers<unknown>()
  const server = createServer((request, response) => {
    serve({ request, response }, { script, input, done: answered.resolve })
  })
  let child: ChildProcess | undefined
  try {
    const port = await listen(server)
    child = start(browser, folder, `http://127.0.0.1:${String(port)}/`)
    child.on('exit', (code) => answered.reject(new Error(`the browser ended with ${String(code)}`)))
    return await answered.promise
  } finally {
    child?.removeAllListeners('exit')
    await ended(child)
    server.closeAllConnections()
    server.close()
    rmSync(folder, { recursive: true, force: true, maxRetries: 10 })
  }
}

interface Page {
  readonly script: string
  readonly input: unknown
  readonly done: (value: unknown) => void
}

function serve(
  { request, response }: { readonly request: IncomingMessage; readonly response: ServerResponse },
  { script, input, done }: Page,
): void {
  const { pathname } = new URL(request.url ?? '/', 'http://localhost')
  const send = (type: string, text: string): void => {
    response.writeHead(200, { 'content-type': `${type}; charset=utf-8` }).end(text)
  }
  if (pathname === '/') send('text/html', page(script))
  else if (pathname === '/input') send('application/json', JSON.stringify(input))
  else if (pathname === '/noble') send('text/javascript', readFileSync(NOBLE, 'utf8'))
  else if (pathname.startsWith('/src/')) send('text/javascript', sourceOf(pathname.slice('/src/'.length)))
  else if (pathname === '/done') {
    let text = ''
    request.setEncoding('utf8').on('data', (part: string) => (text += part))
    request.on('end', () => {
      send('text/plain', '')
      done(JSON.parse(text))
    })
  } else response.writeHead(404).end()
}

function sourceOf(path: string): string {
  return stripTypeScriptTypes(readFileSync(join(SOURCES, normalize(`/${path}`)), 'utf8'))
}

function page(script: string): string {
  return `<!doctype html>
<script type="importmap">{ "imports": { "@noble/ed25519": "/noble" } }</script>
<script type="module">
  const done = (value) => fetch('/done', { method: 'POST', body: JSON.stringify(value) })
  addEventListener('error', ({ message }) => done({ failed: message }))
  addEventListener('unhandledrejection', ({ reason }) => done({ failed: String(reason) }))
  try {
    const input = await (await fetch('/input')).json()
    ${script}
  } catch (cause) {
    await done({ failed: String(cause) })
  }
</script>`
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  return (server.address() as AddressInfo).port
}

function start(browser: string, folder: string, url: string): ChildProcess {
  const flags = ['--headless=new', '--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-dev-shm-usage']
  const quiet = ['--disable-background-networking', '--disable-component-update', '--disable-sync']
  return spawn(browser, [...flags, ...quiet, `--user-data-dir=${folder}`, url], { stdio: 'ignore', detached: true })
}

// With all that it started: it is the first of its own process group.
async function ended(child: ChildProcess | undefined): Promise<void> {
  if (child?.pid === undefined || child.exitCode !== null) return
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  process.kill(-child.pid, 'SIGKILL')
  await gone
}
