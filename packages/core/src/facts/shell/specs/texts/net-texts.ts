import type { TextEffect, TextReading } from '../../text-reading.ts'

/** What a client loads: another host, or a file where it is a `file:` URL. `helper::` starts a program in git and rsync. */
export function url(text: string | undefined): TextReading {
  if (text === undefined) return [{ kind: 'net.connect' }, { kind: 'fs.read' }]
  if (/^\w+::/u.test(text)) return [{ kind: 'code.inline' }]
  const file = /^file:(?:\/\/(?:localhost)?)?(.*)$/isu.exec(text)?.[1]
  if (file !== undefined) return [{ kind: 'fs.read', target: file }]
  const connect: TextEffect = { kind: 'net.connect', target: text }
  return /^[./~]/u.test(text) ? [{ kind: 'fs.read', target: text }, connect] : [connect]
}

/** What a client sends: `@file`, `name@file`, `name=@file` and `name=<file` name a file to send. */
export function data(text: string | undefined): TextReading {
  if (text === undefined) return [{ kind: 'net.upload' }, { kind: 'fs.read' }]
  const file = /^(?:[\w.-]*@|[\w.-]+=[@<])([^]+)$/u.exec(text)?.[1]
  return file === undefined || file === '-'
    ? [{ kind: 'net.upload' }]
    : [{ kind: 'net.upload' }, { kind: 'fs.read', target: file }]
}

/** A value that names a file to send where it starts with `@`, and is plain else. */
export function atFile(text: string | undefined): TextReading {
  return text === undefined || text.startsWith('@') ? data(text) : []
}

/** A method of HTTP: all but those that only ask send something. */
export function httpMethod(text: string | undefined): TextReading {
  return text !== undefined && /^(?:GET|HEAD|OPTIONS)$/iu.test(text) ? [] : [{ kind: 'net.upload' }]
}

/** True for `host:path`, `user@host:path`, `rsync://host/path` and `pod/name:path`. */
function isElsewhere(text: string): boolean {
  return text.includes(':') && !/^(?:\/|\.\.?\/|~)/u.test(text)
}

/** What is copied: a file, or one on another host. */
export function transferSource(text: string | undefined): TextReading {
  if (text === undefined) return [{ kind: 'net.connect' }, { kind: 'fs.read' }]
  return [{ kind: isElsewhere(text) ? 'net.connect' : 'fs.read', target: text }]
}

/** Where it is copied to: a file, or another host. */
export function transferTarget(text: string | undefined): TextReading {
  if (text === undefined) return [{ kind: 'net.connect' }, { kind: 'net.upload' }, { kind: 'fs.write' }]
  if (!isElsewhere(text)) return [{ kind: 'fs.write', target: text }]
  return [
    { kind: 'net.connect', target: text },
    { kind: 'net.upload', target: text },
  ]
}

const QUIET_SSH = new Set([
  'addressfamily',
  'batchmode',
  'bindaddress',
  'checkhostip',
  'ciphers',
  'compression',
  'connectionattempts',
  'connecttimeout',
  'controlpersist',
  'hashknownhosts',
  'hostkeyalgorithms',
  'hostname',
  'identitiesonly',
  'identityfile',
  'kexalgorithms',
  'loglevel',
  'macs',
  'numberofpasswordprompts',
  'passwordauthentication',
  'port',
  'preferredauthentications',
  'pubkeyacceptedalgorithms',
  'pubkeyauthentication',
  'requesttty',
  'serveralivecountmax',
  'serveraliveinterval',
  'stricthostkeychecking',
  'tcpkeepalive',
  'user',
  'userknownhostsfile',
])

/** An option of `ssh -o`. Those that start a program, forward, or are not known here count as code. */
export function sshOption(text: string | undefined): TextReading {
  const key = /^\s*([A-Za-z]+)(?:\s*=|\s)/u.exec(text ?? '')?.[1]
  return key !== undefined && QUIET_SSH.has(key.toLowerCase()) ? [] : [{ kind: 'code.inline' }]
}

const PLAIN_SSH = /^[ \t]*ssh(?:[ \t]+-(?:[46CqTx]|[pil][ \t]*[\w./~@-]+|o[ \t]*[A-Za-z]+=[\w./:-]*))*[ \t]*$/u

/** The words of `rsync -e`: `ssh` with options that start nothing, else code. */
export function remoteShell(text: string | undefined): TextReading {
  const isPlain =
    text !== undefined &&
    PLAIN_SSH.test(text) &&
    [...text.matchAll(/-o[ \t]*(\S+)/gu)].every(([, option]) => sshOption(option).length === 0)
  return [{ kind: isPlain ? 'net.connect' : 'code.inline' }]
}

/** A mount of a container, `host:inside` or `type=bind,source=host`: what runs there can read and write it. */
export function volume(text: string | undefined): TextReading {
  if (text === undefined) return [{ kind: 'fs.read' }, { kind: 'fs.write' }]
  const host = /(?:^|,)(?:source|src)=([^,]*)/u.exec(text)?.[1] ?? /^([^:,=]+):/u.exec(text)?.[1]
  if (host === undefined || !/^[./~$]/u.test(host)) return []
  return [
    { kind: 'fs.read', target: host },
    { kind: 'fs.write', target: host },
    // Who may talk to the daemon is root on the machine.
    ...(host.endsWith('.sock') ? [{ kind: 'priv.change' } as const] : []),
  ]
}
