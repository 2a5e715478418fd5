// #region readme
import { openCapFence } from '@capfence/core'
import { guardTransport } from '@capfence/mcp'
import { McpServer } from '@modelcontextprotocol/server'
import { StdioServerTransport } from '@modelcontextprotocol/server/stdio'
import { z } from 'zod'
import { deleteNote, readNote } from './notes.ts'

const server = new McpServer({ name: 'notes', version: '1.0.0' })
const inputSchema = z.object({ name: z.string() })
server.registerTool('read_note', { description: 'Reads a note.', inputSchema }, readNote)
server.registerTool('delete_note', { description: 'Deletes a note.', inputSchema }, deleteNote)

const { runtime } = await openCapFence({ policy: 'policy.yaml' })
const host = { actor: 'notes-agent', environment: 'production', server: 'notes' }
await server.connect(guardTransport(runtime, new StdioServerTransport(), host))
// #endregion readme
