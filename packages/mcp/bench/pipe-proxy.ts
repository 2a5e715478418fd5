// A proxy that only pipes: bytes in, bytes out. What a proxy costs that does nothing.
import { spawn } from 'node:child_process'

const [command = '', ...args] = process.argv.slice(2)
// In a session of its own, as the gate starts its server: on Linux that decides how both are scheduled under load.
const server = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'], detached: true })
process.stdin.pipe(server.stdin)
server.stdout.pipe(process.stdout)
