import type { CommandSpec, OptionSpec } from '../program-spec.ts'
import { options } from './options.ts'

/** Looks at containers and images. */
export const LOOK: CommandSpec = {
  options: options(
    '-a,--all -q,--quiet -f= --filter= --format= --no-trunc -n,--last= -l,--latest -s,--size --digests -t,--timestamps --tail= --since= --until= --details --follow --no-stream --type= -H,--human --tree --services --no-color --no-log-prefix --orphans --status= --hash= --images --profiles --volumes --resolve-image-digests --no-interpolate -v,--verbose --short',
  ),
}
/** Prints what containers wrote. */
export const LOGS: CommandSpec = {
  options: options(
    '-f,--follow -n,--tail= -t,--timestamps --since= --until= --details --no-color --no-log-prefix --index=',
  ),
}
/** Removes what containers hold. */
export const DESTRUCTIVE: CommandSpec = {
  effects: ['infra.destructive'],
  options: options(
    '-f,--force -a,--all -v,--volumes -l,--link --filter= --no-prune -s,--stop -t,--timeout= --rmi= --remove-orphans --time= --signal= -y',
  ),
}
/** Starts and stops. */
export const LIFECYCLE: CommandSpec = {
  effects: ['sys.service'],
  options: options('-t,--time,--timeout= -s,--signal= -a,--attach -i,--interactive --detach-keys= --no-deps'),
}

/** What of the host a container may get: its files, its network, its privileges. */
const RUN: readonly OptionSpec[] = [
  ...options('-v,--volume= --mount=', { role: 'volume' }),
  ...options('--privileged', { effects: ['priv.change'] }),
  ...options(
    '--cap-add= --security-opt= --device= --pid= --ipc= --userns= --cgroupns= --uts= --volumes-from= --device-cgroup-rule=',
    { effects: ['priv.change'] },
  ),
  ...options('-p,--publish= -P,--publish-all', { effects: ['net.listen'] }),
  ...options('--env-file= --label-file=', { role: 'read' }),
  ...options('--cidfile= --iidfile=', { role: 'write' }),
  ...options('--entrypoint=', { role: 'command' }),
  ...options(
    '-d,--detach -i,--interactive -t,--tty --rm --init --no-healthcheck --read-only --oom-kill-disable --sig-proxy[=] --disable-content-trust[=] -q,--quiet --use-api-socket',
  ),
  ...options(
    '--name= -e,--env= -w,--workdir= -u,--user= -h,--hostname= --network,--net= --network-alias= --ip= --ip6= --link= --add-host= --dns= --dns-search= --dns-option= --expose= -l,--label= -m,--memory= --memory-swap= --memory-reservation= --memory-swappiness= -c,--cpu-shares= --cpus= --cpuset-cpus= --cpuset-mems= --cpu-period= --cpu-quota= --gpus= --restart= --pull= --platform= --tmpfs= --shm-size= --ulimit= --log-driver= --log-opt= --stop-signal= --stop-timeout= --health-cmd= --health-interval= --health-retries= --health-timeout= --health-start-period= --isolation= --runtime= --group-add= --cap-drop= --sysctl= --storage-opt= --detach-keys= --domainname= --mac-address= --pids-limit= --blkio-weight= --oom-score-adj= -a,--attach= --annotation= --kernel-memory= --volume-driver= --cgroup-parent=',
  ),
]

/** Starts a container. */
export const START: CommandSpec = {
  grammar: 'posix',
  effects: ['net.connect', 'exec.unknown'],
  elsewhere: true,
  options: RUN,
  operands: { first: ['plain', 'command'] },
}

/** Starts a command in a container. */
export const EXEC: CommandSpec = {
  grammar: 'posix',
  elsewhere: true,
  options: [
    ...options('--privileged', { effects: ['priv.change'] }),
    ...options('--env-file=', { role: 'read' }),
    ...options(
      '-d,--detach -i,--interactive -t,--tty -T,--no-TTY --detach-keys= -e,--env= -w,--workdir= -u,--user= --index= -l,--latest',
    ),
  ],
  operands: { first: ['plain', 'command'] },
}

/** Builds an image: it runs what the project says. */
export const BUILD: CommandSpec = {
  effects: ['code.local', 'net.connect'],
  options: [
    ...options('-f,--file=', { role: 'read' }),
    ...options('-o,--output= --iidfile= --metadata-file=', { role: 'write' }),
    ...options('--secret= --ssh=', { effects: ['fs.read'] }),
    ...options('--push', { effects: ['net.upload'] }),
    ...options('--allow=', { effects: ['priv.change'] }),
    ...options(
      '-t,--tag= --build-arg= --target= --platform= --progress= --cache-from= --cache-to= --label= --network= --builder= --build-context= --add-host= -m,--memory= --cpu-shares= --cpuset-cpus= --shm-size= --ulimit= --attest= --sbom= --provenance= --no-cache --no-cache-filter= --pull --rm --force-rm -q,--quiet --load --squash --compress --parallel --with-dependencies --no-rm',
    ),
  ],
  operands: { rest: 'read' },
}

/** `docker compose`. */
export const COMPOSE: CommandSpec = {
  options: [
    ...options('-f,--file= --env-file=', { role: 'read' }),
    ...options('--project-directory=', { folder: true }),
    ...options(
      '-p,--project-name= --profile= --progress= --ansi= --parallel= --compatibility --dry-run --all-resources',
    ),
  ],
  subcommands: {
    up: { effects: ['code.local', 'net.connect', 'net.listen'], otherOptions: 'plain' },
    run: {
      ...START,
      effects: ['code.local', 'net.connect'],
      options: [...RUN, ...options('--no-deps --service-ports --build --use-aliases -T,--no-TTY')],
    },
    exec: EXEC,
    build: BUILD,
    pull: { effects: ['net.connect'], otherOptions: 'plain' },
    push: { effects: ['net.connect', 'net.upload'], otherOptions: 'plain' },
    create: { effects: ['code.local', 'net.connect'], otherOptions: 'plain' },
    watch: { effects: ['code.local', 'net.connect'], otherOptions: 'plain' },
    logs: LOGS,
    down: {
      ...DESTRUCTIVE,
      effects: ['sys.service'],
      options: [
        ...options('-v,--volumes', { effects: ['infra.destructive'] }),
        ...options('--rmi=', { effects: ['infra.destructive'] }),
        ...options('--remove-orphans -t,--timeout='),
      ],
    },
    rm: DESTRUCTIVE,
    config: { options: [...options('-o,--output=', { role: 'write' }), ...(LOOK.options ?? [])] },
    cp: { otherOptions: 'plain', operands: { rest: 'copy-from', last: 'copy-to' } },
    ...Object.fromEntries(
      ['ps', 'images', 'ls', 'port', 'top', 'version', 'events', 'stats', 'volumes'].map((name) => [name, LOOK]),
    ),
    ...Object.fromEntries(
      ['start', 'stop', 'restart', 'pause', 'unpause', 'scale', 'wait'].map((name) => [name, LIFECYCLE]),
    ),
    kill: LIFECYCLE,
  },
}
