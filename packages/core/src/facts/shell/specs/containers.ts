import type { CommandSpec, ProgramSpec } from '../program-spec.ts'
import { BUILD, COMPOSE, DESTRUCTIVE, EXEC, LIFECYCLE, LOGS, LOOK, START } from './container-commands.ts'
import { alike, options } from './options.ts'

/** Sub-commands of a kind of object (`docker volume …`). */
const OBJECT: CommandSpec = {
  subcommands: {
    ls: LOOK,
    list: LOOK,
    inspect: LOOK,
    history: LOOK,
    rm: DESTRUCTIVE,
    remove: DESTRUCTIVE,
    prune: DESTRUCTIVE,
    create: { effects: ['sys.service'], otherOptions: 'plain' },
    connect: { effects: ['sys.service'], otherOptions: 'plain' },
    disconnect: { effects: ['sys.service'], otherOptions: 'plain' },
    pull: { effects: ['net.connect'], otherOptions: 'plain' },
    push: { effects: ['net.connect', 'net.upload'], otherOptions: 'plain' },
    build: BUILD,
    run: START,
    exec: EXEC,
    logs: LOGS,
    start: LIFECYCLE,
    stop: LIFECYCLE,
    restart: LIFECYCLE,
    tag: {},
  },
}

const DOCKER: CommandSpec = {
  grammar: 'posix',
  options: [
    // Another daemon, or other credentials, decide what runs and where.
    ...options('-H,--host= --url= --connection= --remote -c,--context= --identity=', { role: 'connect' }),
    ...options('--config=', { effects: ['code.local'] }),
    ...options('--tlscacert= --tlscert= --tlskey=', { role: 'read' }),
    ...options('-D,--debug -l,--log-level= --tls --tlsverify -v,--version --help'),
  ],
  subcommands: {
    run: START,
    create: START,
    exec: EXEC,
    build: BUILD,
    buildx: {
      subcommands: {
        build: BUILD,
        bake: { effects: ['code.local', 'net.connect'], otherOptions: 'plain' },
        ls: LOOK,
        inspect: LOOK,
        version: {},
        rm: DESTRUCTIVE,
        prune: DESTRUCTIVE,
        use: {},
        create: { effects: ['sys.service'], otherOptions: 'plain' },
      },
    },
    compose: COMPOSE,
    logs: LOGS,
    cp: {
      options: options('-a,--archive -L,--follow-link -q,--quiet'),
      operands: { rest: 'copy-from', last: 'copy-to' },
    },
    pull: {
      effects: ['net.connect'],
      options: options('-a,--all-tags --platform= -q,--quiet --disable-content-trust[=]'),
    },
    push: {
      effects: ['net.connect', 'net.upload'],
      options: options('-a,--all-tags --platform= -q,--quiet --disable-content-trust[=]'),
    },
    login: {
      effects: ['net.connect', 'net.upload'],
      options: options('-u,--username= -p,--password= --password-stdin'),
    },
    logout: {},
    tag: {},
    rename: {},
    commit: { options: options('-a,--author= -c,--change= -m,--message= -p,--pause[=]') },
    save: { options: [...options('-o,--output=', { role: 'write' }), ...options('--platform=')] },
    export: { options: options('-o,--output=', { role: 'write' }) },
    load: { options: [...options('-i,--input=', { role: 'read' }), ...options('-q,--quiet --platform=')] },
    import: { options: options('-c,--change= -m,--message= --platform='), operands: { first: ['url'] } },
    search: { effects: ['net.connect'], options: options('-f,--filter= --format= --limit= --no-trunc') },
    system: { subcommands: { df: LOOK, info: LOOK, events: LOOK, prune: DESTRUCTIVE } },
    swarm: { subcommands: { '*': { effects: ['infra.destructive'], otherOptions: 'plain' } } },
    service: {
      subcommands: {
        ls: LOOK,
        ps: LOOK,
        inspect: LOOK,
        logs: LOGS,
        '*': { effects: ['infra.destructive'], otherOptions: 'plain' },
      },
    },
    stack: {
      subcommands: {
        ls: LOOK,
        ps: LOOK,
        services: LOOK,
        '*': { effects: ['infra.destructive'], otherOptions: 'plain' },
      },
    },
    ...Object.fromEntries(
      [
        'container',
        'image',
        'volume',
        'network',
        'builder',
        'context',
        'config',
        'secret',
        'node',
        'plugin',
        'manifest',
        'pod',
        'machine',
      ].map((name) => [name, OBJECT]),
    ),
    ...Object.fromEntries(['rm', 'rmi'].map((name) => [name, DESTRUCTIVE])),
    ...Object.fromEntries(
      ['start', 'stop', 'restart', 'pause', 'unpause', 'wait', 'attach', 'update', 'kill'].map((name) => [
        name,
        LIFECYCLE,
      ]),
    ),
    ...Object.fromEntries(
      ['ps', 'images', 'inspect', 'top', 'stats', 'port', 'diff', 'history', 'info', 'version', 'events', 'ls'].map(
        (name) => [name, LOOK],
      ),
    ),
  },
}

/** Programs that run containers. */
export const containers: readonly ProgramSpec[] = [
  ...alike('docker podman nerdctl', DOCKER, (name) => ({
    line: `${name} exec -it a rm -rf b`,
    effects: [{ kind: 'fs.delete', targets: ['b'] }],
  })),
  ...alike('docker-compose podman-compose', COMPOSE, (name) => ({
    line: `${name} down -v`,
    effects: ['sys.service', 'infra.destructive'],
  })),
]
