import type { CommandSpec, ProgramSpec } from '../program-spec.ts'
import { alike, options } from './options.ts'

const by = (command: CommandSpec, names: string): Readonly<Record<string, CommandSpec>> =>
  Object.fromEntries(names.split(' ').map((name) => [name, command]))

const INSTALL: CommandSpec = { effects: ['code.local', 'net.connect', 'fs.write'], otherOptions: 'plain' }
const RUN: CommandSpec = { grammar: 'posix', effects: ['code.local'], otherOptions: 'plain' }
const EXEC: CommandSpec = {
  grammar: 'posix',
  effects: ['code.local', 'net.connect'],
  options: [
    ...options('-c,--call= --shell-mode=', { role: 'shell', operands: { first: [] } }),
    ...options('-p,--package= -w,--workspace= -C= --dir= --filter='),
    ...options(
      '-y,--yes --no -q,--quiet --silent -s --no-install --prefer-offline --offline --ignore-existing -r,--recursive --parallel -h,--help -v,--version --bun',
    ),
    ...options('--', { ends: true }),
  ],
  operands: { first: ['command'] },
}
const PUBLISH: CommandSpec = { effects: ['code.local', 'net.connect', 'net.upload'], otherOptions: 'plain' }
const REMOVE: CommandSpec = { effects: ['code.local', 'fs.write', 'fs.delete'], otherOptions: 'plain' }
const LOOK_OPTIONS = options(
  '-a,--all -l,--long -g,--global -p,--parseable -s,--silent -q,--quiet -r,--recursive --json --depth= --prod --production --dev --omit= --include= --only= --registry= -w,--workspace= --workspaces --filter= --loglevel= --no-color --color[=] --package-lock-only --link --fields= --format= --pattern= -h,--help --version',
)
const LOOK: CommandSpec = { effects: ['net.connect'], options: LOOK_OPTIONS }
const CONFIG: CommandSpec = {
  subcommands: {
    ...by({ otherOptions: 'plain' }, 'get list ls'),
    '*': { effects: ['persist', 'code.inline'], otherOptions: 'plain' },
  },
}

const NODE_PACKAGES: CommandSpec = {
  grammar: 'posix',
  options: [
    ...options('-C= --prefix= --dir= --cwd=', { folder: true }),
    ...options(
      '-w,--workspace= -F= --filter= --loglevel= --registry= --script-shell= --userconfig= --globalconfig= --node-options= --cache= --reporter=',
      { effects: [] },
    ),
    ...options(
      '-v,--version -h,--help -l -s,--silent -q,--quiet -d -dd -ddd -r,--recursive -g,--global -y,--yes --json --workspaces --workspace-root --offline --prefer-offline --ignore-scripts --no-audit --no-fund --no-color --color[=] --if-present --verbose --aggregate-output --stream --parallel',
    ),
  ],
  withoutOperands: ['exec'],
  subcommands: {
    ...by(
      INSTALL,
      'install i in add ci clean-install install-test it install-ci-test update up upgrade upgrade-interactive dedupe ddp link ln rebuild rb prune import fetch patch patch-commit audit-fix init create set-script pack version deploy',
    ),
    ...by(REMOVE, 'uninstall un remove rm r unlink'),
    ...by(
      RUN,
      'run run-script rum urn test t tst start stop restart build lint dev format typecheck check e2e coverage serve preview',
    ),
    ...by(EXEC, 'exec x dlx'),
    ...by(
      PUBLISH,
      'publish unpublish deprecate dist-tag access owner token login adduser logout team org hook profile star unstar',
    ),
    ...by(
      LOOK,
      'ls list ll la view info show v outdated why explain search s ping whoami root bin prefix help help-search fund query sbom licenses doctor repo docs bugs diff',
    ),
    audit: {
      effects: ['net.connect'],
      options: [...LOOK_OPTIONS, ...options('--audit-level= --fix --force', {})],
      subcommands: { fix: INSTALL, signatures: LOOK },
    },
    cache: {
      subcommands: {
        verify: { otherOptions: 'plain' },
        ls: { otherOptions: 'plain' },
        list: { otherOptions: 'plain' },
        '*': { effects: ['fs.delete'], otherOptions: 'plain' },
      },
    },
    store: {
      subcommands: {
        path: {},
        status: { otherOptions: 'plain' },
        '*': { effects: ['fs.delete'], otherOptions: 'plain' },
      },
    },
    config: CONFIG,
    c: CONFIG,
    set: { effects: ['persist', 'code.inline'], otherOptions: 'plain' },
    pkg: { subcommands: { get: {}, '*': { effects: ['fs.write', 'code.local'], otherOptions: 'plain' } } },
    // pnpm and yarn run a script of the project under its bare name.
    '*': RUN,
  },
}

const PIP: CommandSpec = {
  options: [
    ...options('--log=', { role: 'write' }),
    ...options('--python=', { effects: ['code.local'] }),
    ...options(
      '-h,--help -V,--version -v,--verbose -q,--quiet --isolated --require-virtualenv --no-input --disable-pip-version-check --no-color --no-cache-dir --proxy= --retries= --timeout= --exists-action= --trusted-host= --cert= --client-cert= --cache-dir= --use-feature= --use-deprecated= --debug --no-python-version-warning',
    ),
  ],
  subcommands: {
    ...by(INSTALL, 'install download wheel sync compile'),
    uninstall: { effects: ['fs.delete'], otherOptions: 'plain' },
    ...by(
      {
        effects: ['fs.read'],
        options: options(
          '-f,--files --format= -o,--outdated -u,--uptodate -e,--editable -l,--local --user --path= --pre --not-required --exclude= --exclude-editable --all --verbose -i,--index-url= --extra-index-url= -r,--requirement=',
        ),
      },
      'list show freeze check inspect tree',
    ),
    ...by({ effects: ['net.connect'], otherOptions: 'plain' }, 'search index'),
    ...by({ otherOptions: 'plain' }, 'help debug hash completion'),
    config: {
      subcommands: {
        ...by({ otherOptions: 'plain' }, 'list get debug'),
        '*': { effects: ['persist', 'code.inline'], otherOptions: 'plain' },
      },
    },
    cache: {
      subcommands: {
        ...by({ otherOptions: 'plain' }, 'dir info list'),
        '*': { effects: ['fs.delete'], otherOptions: 'plain' },
      },
    },
  },
}

const TOOL_RUN: CommandSpec = {
  grammar: 'posix',
  effects: ['code.local', 'net.connect'],
  options: [
    ...options(
      '--from= --with= --with-requirements= -p,--python= --index-url= --spec= --pip-args= --extra= --group= --project= --directory= --package= --env-file= -m=',
      {},
    ),
    ...options(
      '-q,--quiet -v,--verbose --isolated --no-cache --offline --frozen --locked --no-sync --refresh --all-extras --no-dev --dev --active --exact -h,--help -V,--version',
    ),
    ...options('--', { ends: true }),
  ],
  operands: { first: ['command'] },
}

/** Programs that install the packages of a project, and run what these bring. */
export const packages: readonly ProgramSpec[] = [
  ...alike('npm pnpm', NODE_PACKAGES, (name) => ({
    line: `${name} --loglevel=silent publish`,
    effects: ['code.local', 'net.connect', 'net.upload'],
  })),
  {
    ...NODE_PACKAGES,
    names: ['yarn', 'yarnpkg'],
    withoutOperands: ['code.local', 'net.connect', 'fs.write'],
    examples: [
      { line: 'yarn', effects: ['code.local', 'net.connect', 'fs.write'] },
      { line: 'yarn test', effects: ['code.local'] },
    ],
  },
  ...alike('npx pnpx bunx', EXEC, (name) => ({
    line: `${name} -y rm a`,
    effects: ['code.local', 'net.connect', 'fs.delete'],
  })),
  ...alike(
    'corepack nvm fnm volta n asdf mise rbenv pyenv rustup sdk conda mamba micromamba pipenv pdm hatch rye gem bundle bundler cpan cpanm luarocks opam nix nix-env nix-shell nix-build guix',
    { grammar: 'none', effects: ['code.local', 'net.connect', 'fs.write'] },
    (name) => ({
      line: `${name} x`,
      effects: ['code.local', 'net.connect', 'fs.write'],
    }),
  ),
  {
    ...PIP,
    names: ['pip', 'pip3', 'pip*', 'pip3.*'],
    examples: [
      { line: 'pip install -r a.txt', effects: ['code.local', 'net.connect', 'fs.write'] },
      { line: 'pip list --outdated', effects: ['fs.read'] },
    ],
  },
  {
    names: ['uv'],
    options: [
      ...options('--directory=', { folder: true }),
      ...options(
        '--config-file= --project= --cache-dir= --color= -q,--quiet -v,--verbose --offline --no-cache --native-tls --no-progress -h,--help -V,--version',
      ),
    ],
    subcommands: {
      run: TOOL_RUN,
      tool: { subcommands: { run: TOOL_RUN, list: { otherOptions: 'plain' }, '*': INSTALL } },
      pip: PIP,
      ...by(INSTALL, 'add sync lock venv init build export python self tree'),
      ...by(REMOVE, 'remove'),
      ...by({ effects: ['fs.read'], otherOptions: 'plain' }, 'version help'),
      publish: PUBLISH,
      cache: { subcommands: { dir: {}, '*': { effects: ['fs.delete'], otherOptions: 'plain' } } },
    },
    examples: [{ line: 'uv run rm a', effects: ['code.local', 'net.connect', 'fs.delete'] }],
  },
  ...alike('uvx pipx', TOOL_RUN, (name) => ({
    line: `${name} frob`,
    effects: ['code.local', 'net.connect', 'exec.unknown'],
  })),
  {
    names: ['poetry'],
    options: [
      ...options('-C,--directory= -P,--project=', { folder: true }),
      ...options(
        '-h,--help -q,--quiet -V,--version --ansi --no-ansi -n,--no-interaction --no-plugins --no-cache -v,--verbose',
      ),
    ],
    subcommands: {
      run: TOOL_RUN,
      ...by(INSTALL, 'install add update lock init new build shell self env'),
      remove: REMOVE,
      ...by({ effects: ['fs.read'], otherOptions: 'plain' }, 'show check version about list help search'),
      config: { effects: ['persist'], otherOptions: 'plain' },
      publish: PUBLISH,
      cache: { effects: ['fs.delete'], otherOptions: 'plain' },
    },
    examples: [{ line: 'poetry run rm a', effects: ['code.local', 'net.connect', 'fs.delete'] }],
  },
]
