import type { CommandSpec, OptionSpec, ProgramSpec } from '../program-spec.ts'
import { options } from './options.ts'

const KUBE: readonly OptionSpec[] = [
  // A configuration names programs that fetch credentials.
  ...options('--kubeconfig=', { role: 'script' }),
  ...options('--server= -s=', { role: 'connect' }),
  ...options('--client-certificate= --client-key= --certificate-authority=', { role: 'read' }),
  ...options('--cache-dir= --profile-output=', { role: 'write' }),
  ...options(
    '-n,--namespace= --context= --cluster= --user= --token= --as= --as-group= --as-uid= --username= --password= --request-timeout= -v,--v= --vmodule= --tls-server-name= --insecure-skip-tls-verify --match-server-version --warnings-as-errors --disable-compression --log-flush-frequency= --profile= -h,--help',
  ),
]
const SELECT = options(
  '-A,--all-namespaces -o,--output= -l,--selector= --field-selector= --sort-by= -w,--watch --watch-only --show-labels --show-kind --no-headers -L,--label-columns= --ignore-not-found --chunk-size= --raw= --subresource= --show-managed-fields --server-print[=] --template= -R,--recursive --allow-missing-template-keys --output-watch-events --all',
)
const FILES = options('-f,--filename= -k,--kustomize=', { role: 'url' })

const read = (more: readonly OptionSpec[] = []): CommandSpec => ({
  effects: ['net.connect'],
  options: [...KUBE, ...SELECT, ...FILES, ...more],
})
const change = (more: readonly OptionSpec[] = []): CommandSpec => ({
  effects: ['net.connect', 'net.upload'],
  options: [
    ...KUBE,
    ...SELECT,
    ...FILES,
    ...more,
    ...options('--dry-run[=]', {}),
    ...options(
      '--field-manager= --validate[=] --record --save-config --overwrite --force-conflicts --server-side --replicas= --current-replicas= --resource-version= --timeout= --wait[=] --image= --port= --target-port= --name= --type= --protocol= --from-literal= --restart= --env= --labels= --to-revision= --revision= --local -e= --from= --containers= -c=  -p,--patch= --schedule= --rule= --class= --role= --clusterrole= --serviceaccount= --verb= --resource= --docker-server= --docker-username= --docker-password= --key= --cert= --min= --max= --cpu-percent= --limits= --requests=',
    ),
    ...options('--from-file= --from-env-file= --patch-file=', { effects: ['fs.read'] }),
  ],
})
const destroy: CommandSpec = {
  effects: ['net.connect', 'infra.destructive'],
  options: [
    ...KUBE,
    ...SELECT,
    ...FILES,
    ...options(
      '--now --force --grace-period= --cascade[=] --wait[=] --timeout= -i,--interactive --dry-run[=] --delete-emptydir-data --ignore-daemonsets --disable-eviction --pod-selector= --skip-wait-for-delete-timeout=',
    ),
  ],
}

const kubectl: ProgramSpec = {
  names: ['kubectl'],
  options: KUBE,
  subcommands: {
    get: read(),
    describe: read(options('--show-events[=]')),
    logs: read(
      options(
        '-f,--follow -c,--container= --tail= --since= --since-time= -p,--previous --timestamps --prefix --all-containers --max-log-requests= --limit-bytes= --ignore-errors --pod-running-timeout=',
      ),
    ),
    top: { effects: ['net.connect'], subcommands: { '*': read(options('--containers --sum --use-protocol-buffers')) } },
    explain: read(options('--api-version=')),
    version: read(options('--client --short')),
    'cluster-info': read(),
    'api-resources': read(options('--namespaced[=] --verbs= --api-group= --cached --categories=')),
    'api-versions': read(),
    events: read(options('--for= --types=')),
    diff: read(options('--server-side --prune')),
    wait: read(options('--for= --timeout=')),
    auth: { subcommands: { 'can-i': read(options('--list --quiet -q')), whoami: read() } },
    config: {
      subcommands: {
        // With `--raw` the keys in it as well.
        view: {
          effects: ['fs.read'],
          options: [...KUBE, ...options('--minify --raw --flatten --merge[=] -o,--output=')],
        },
        ...Object.fromEntries(
          ['current-context', 'get-contexts', 'get-clusters', 'get-users'].map((name) => [
            name,
            { otherOptions: 'plain' } as const,
          ]),
        ),
        '*': { effects: ['persist'], otherOptions: 'plain' },
      },
    },
    apply: change([
      ...options('--prune', { effects: ['infra.destructive'] }),
      ...options('--force', { effects: ['infra.destructive'] }),
      ...options('--prune-allowlist= --grace-period= --cascade[=]'),
    ]),
    create: { ...change(), subcommands: { '*': change() } },
    run: { ...change(), elsewhere: true, effects: ['net.connect', 'net.upload', 'exec.unknown'] },
    expose: change(),
    autoscale: change(),
    label: change(),
    annotate: change(),
    patch: change(),
    scale: { ...change(), effects: ['net.connect', 'infra.destructive'] },
    set: { effects: ['net.connect', 'net.upload'], subcommands: { '*': change() } },
    edit: { ...change(), effects: ['net.connect', 'net.upload', 'exec.unknown'] },
    replace: { ...destroy },
    rollout: {
      subcommands: { status: read(options('--timeout=')), history: read(options('--revision=')), '*': change() },
    },
    delete: destroy,
    drain: destroy,
    cordon: change(),
    uncordon: change(),
    taint: { ...destroy },
    exec: {
      elsewhere: true,
      effects: ['net.connect'],
      options: [
        ...KUBE,
        ...FILES,
        ...options('-c,--container= -i,--stdin -t,--tty -it -ti -q,--quiet --pod-running-timeout='),
      ],
      operands: { first: ['plain', 'command'] },
    },
    cp: {
      effects: ['net.connect'],
      options: [...KUBE, ...options('-c,--container= --no-preserve --retries=')],
      operands: { rest: 'copy-from', last: 'copy-to' },
    },
    'port-forward': {
      effects: ['net.connect', 'net.listen'],
      options: [...KUBE, ...options('--address= --pod-running-timeout=')],
    },
    proxy: { effects: ['net.connect', 'net.listen'], otherOptions: 'plain' },
    debug: { effects: ['net.connect', 'exec.unknown'], elsewhere: true, otherOptions: 'plain' },
    attach: { effects: ['net.connect'], otherOptions: 'plain' },
    kustomize: { effects: ['fs.read', 'code.local'], otherOptions: 'plain' },
    completion: {},
  },
  examples: [
    { line: 'kubectl get pods -n a -o wide', effects: ['net.connect'] },
    { line: 'kubectl -n a delete pod b --now', effects: ['net.connect', 'infra.destructive'] },
    { line: 'kubectl exec -it a -- rm -rf b', effects: ['net.connect', { kind: 'fs.delete', targets: ['b'] }] },
    { line: 'kubectl frobnicate', opaque: true },
  ],
}

const HELM = options(
  '--kube-context= -n,--namespace= --debug --burst-limit= --qps= --kube-as-user= --kube-token= --kube-insecure-skip-tls-verify',
)
const helmRead: CommandSpec = { effects: ['net.connect'], otherOptions: 'plain' }
const helmChange: CommandSpec = {
  effects: ['net.connect', 'net.upload'],
  options: [
    ...HELM,
    ...options('--post-renderer=', { role: 'command' }),
    ...options('-f,--values= --set-file=', { effects: ['fs.read'] }),
    ...options('--force --cleanup-on-fail --replace', { effects: ['infra.destructive'] }),
    ...options(
      '-i,--install --atomic --wait --wait-for-jobs --timeout= --set= --set-string= --set-json= --version= --create-namespace --dry-run[=] --reset-values --reuse-values --history-max= --repo= --devel --description= --no-hooks --skip-crds --dependency-update -g,--generate-name -o,--output= --username= --password=',
    ),
  ],
}

const helm: ProgramSpec = {
  names: ['helm'],
  options: [
    ...HELM,
    ...options('--kubeconfig=', { role: 'script' }),
    ...options('--registry-config= --repository-config= --repository-cache=', { role: 'read' }),
  ],
  subcommands: {
    ...Object.fromEntries(
      [
        'list',
        'ls',
        'status',
        'history',
        'get',
        'show',
        'inspect',
        'search',
        'version',
        'env',
        'lint',
        'verify',
        'template',
      ].map((name) => [name, helmRead]),
    ),
    template: { ...helmChange, effects: ['net.connect', 'fs.read'] },
    install: helmChange,
    upgrade: helmChange,
    ...Object.fromEntries(
      ['uninstall', 'delete', 'del', 'un', 'rollback'].map((name) => [
        name,
        { effects: ['net.connect', 'infra.destructive'], otherOptions: 'plain' } as const,
      ]),
    ),
    repo: {
      effects: ['net.connect'],
      subcommands: { '*': { effects: ['net.connect', 'fs.write'], otherOptions: 'plain' } },
    },
    dependency: { subcommands: { '*': { effects: ['net.connect', 'fs.write'], otherOptions: 'plain' } } },
    pull: { effects: ['net.connect', 'fs.write'], otherOptions: 'plain' },
    push: { effects: ['net.connect', 'net.upload'], otherOptions: 'plain' },
    create: { effects: ['fs.write'], otherOptions: 'plain' },
    package: { effects: ['fs.write'], otherOptions: 'plain' },
    plugin: { effects: ['code.remote', 'net.connect'], otherOptions: 'plain' },
    test: { effects: ['net.connect', 'exec.unknown'], otherOptions: 'plain' },
  },
  examples: [
    { line: 'helm list -n a', effects: ['net.connect'] },
    { line: 'helm uninstall a', effects: ['net.connect', 'infra.destructive'] },
    { line: 'helm upgrade a ./b --post-renderer x', effects: ['net.connect', 'net.upload', 'exec.unknown'] },
  ],
}

/** Programs that steer clusters. */
export const clusters: readonly ProgramSpec[] = [kubectl, helm]
