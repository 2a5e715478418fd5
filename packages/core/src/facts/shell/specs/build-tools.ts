import type { CommandSpec, ProgramSpec } from '../program-spec.ts'
import { alike, options } from './options.ts'

const PROJECT: CommandSpec = { grammar: 'none', effects: ['code.local'] }

const cargoBuild: CommandSpec = { effects: ['code.local', 'net.connect'], otherOptions: 'plain' }
const goBuild: CommandSpec = { effects: ['code.local', 'net.connect'], otherOptions: 'plain', grammar: 'long-dash' }
const by = (command: CommandSpec, names: string): Readonly<Record<string, CommandSpec>> =>
  Object.fromEntries(names.split(' ').map((name) => [name, command]))

/** Programs that build and check a project. What they do is up to the project's own files: most run code of the workspace. */
export const buildTools: readonly ProgramSpec[] = [
  {
    names: ['make', 'gmake'],
    options: [
      ...options('-C,--directory=', { folder: true }),
      ...options('-f,--file=,--makefile=', { role: 'script' }),
      ...options('--eval= -E=', { effects: ['code.inline'] }),
      ...options('-h,--help -v,--version', { cancels: ['code.local'] }),
      ...options(
        '-b -m -B,--always-make -d --debug[=] -e,--environment-overrides -i,--ignore-errors -I,--include-dir= -j,--jobs[=] --jobserver-style= -k,--keep-going -l[=] --load-average[=] -L,--check-symlink-times -n,--just-print,--dry-run,--recon -o,--old-file=,--assume-old= -O[=] --output-sync[=] -p,--print-data-base -q,--question -r,--no-builtin-rules -R,--no-builtin-variables -s,--silent,--quiet --no-silent -S,--no-keep-going,--stop -t,--touch --trace -w,--print-directory --no-print-directory -W,--what-if=,--new-file=,--assume-new= --warn-undefined-variables --shuffle[=]',
      ),
    ],
    effects: ['code.local'],
    examples: [
      { line: 'make -j4 test', effects: ['code.local'] },
      { line: 'make --version', effects: ['exec'] },
    ],
  },
  {
    names: ['cargo'],
    options: [
      ...options('-C=', { folder: true }),
      ...options('--config=', { effects: ['code.inline'] }),
      ...options(
        '-V,--version --list --explain= -v,--verbose -q,--quiet --color= --frozen --locked --offline -Z= -h,--help',
      ),
    ],
    subcommands: {
      ...by(
        cargoBuild,
        'build b check c clippy test t run r bench doc d fetch update generate-lockfile install add remove rm fix nextest',
      ),
      ...by(
        { effects: ['fs.read'], otherOptions: 'plain' },
        'tree metadata pkgid locate-project version help search info verify-project',
      ),
      fmt: { options: options('--check', { cancels: ['fs.write'] }), effects: ['fs.write'], otherOptions: 'plain' },
      clean: { effects: ['fs.delete'], otherOptions: 'plain' },
      ...by({ effects: ['fs.write'], otherOptions: 'plain' }, 'new init vendor'),
      ...by(
        { effects: ['code.local', 'net.connect', 'net.upload'], otherOptions: 'plain' },
        'publish yank owner login package',
      ),
      uninstall: { effects: ['fs.delete'], otherOptions: 'plain' },
      '*': { effects: ['exec.unknown'], otherOptions: 'plain' },
    },
    examples: [
      { line: 'cargo test --release', effects: ['code.local', 'net.connect'] },
      { line: 'cargo clean', effects: ['fs.delete'] },
    ],
  },
  {
    names: ['go'],
    grammar: 'posix',
    options: options('-C=', { folder: true }),
    subcommands: {
      ...by(goBuild, 'build run test generate install get mod work tool vet fix'),
      ...by({ effects: ['fs.read'], otherOptions: 'plain', grammar: 'long-dash' }, 'version doc list help'),
      env: {
        options: options('-w -u', { effects: ['persist', 'env.hook'] }),
        otherOptions: 'plain',
        grammar: 'long-dash',
      },
      fmt: { effects: ['fs.write'], otherOptions: 'plain', grammar: 'long-dash' },
      clean: { effects: ['fs.delete'], otherOptions: 'plain', grammar: 'long-dash' },
    },
    examples: [
      { line: 'go test ./...', effects: ['code.local', 'net.connect'] },
      { line: 'go version', effects: ['fs.read'] },
    ],
  },
  {
    // What it keeps of an incremental build is not counted; options that name a file for that are left out.
    names: ['tsc', 'vue-tsc'],
    grammar: 'gnu',
    exactLong: true,
    options: [
      ...options('--noEmit --version,-v --help,-h --showConfig --listFilesOnly', { cancels: ['fs.write'] }),
      ...options('--outDir= --outFile= --declarationDir= --tsBuildInfoFile= --generateTrace= --generateCpuProfile=', {
        role: 'write',
      }),
      ...options('-p,--project=', { role: 'read' }),
      ...options(
        '-w,--watch -b,--build --clean --force --all -t,--target= -m,--module= --pretty[=] --strict[=] --skipLibCheck[=] --incremental[=] --listFiles --extendedDiagnostics --diagnostics --jsx= --lib= --moduleResolution= --esModuleInterop[=] --declaration,-d[=] --emitDeclarationOnly[=] --sourceMap[=] --allowJs[=] --checkJs[=] --traceResolution --explainFiles --verbose --dry',
      ),
    ],
    effects: ['fs.read', 'fs.write'],
    examples: [
      { line: 'tsc --noEmit -p tsconfig.json', effects: ['fs.read'] },
      { line: 'tsc -b', effects: ['fs.read', 'fs.write'] },
    ],
  },
  ...alike(
    'ruff black isort autopep8 gofmt rustfmt shfmt clang-format taplo',
    {
      options: [
        ...options('--check --check-only --diff', { cancels: ['fs.write'] }),
        ...options('--fix --fix-only --in-place -w -i', { effects: ['fs.write'] }),
        ...options('-o,--output-file=', { role: 'write' }),
      ],
      effects: ['fs.read', 'fs.write'],
      otherOptions: 'plain',
    },
    (name) => ({ line: `${name} a`, effects: ['fs.read', 'fs.write'] }),
  ),
  ...alike(
    'ninja cmake ctest meson bazel bazelisk buck2 ant sbt lein mix rebar3 dune cabal stack zig just task mage tox nox invoke fab scons waf pre-commit husky lint-staged turbo nx lerna rush gulp grunt webpack vite rollup esbuild swc parcel next nuxt astro svelte-kit ng react-scripts storybook jest vitest mocha ava tap cypress playwright karma nyc c8 pytest py.test unittest nose2 coverage mypy pyright pylint flake8 bandit sphinx-build mkdocs tsup eslint stylelint tslint prettier biome oxlint sqlfluff standard commitlint rubocop phpunit phpstan artisan alembic django-admin flask uvicorn gunicorn hypercorn celery streamlit javac java kotlinc scalac swiftc dotnet msbuild xcodebuild pod fastlane flutter dart rustc gcc g++ cc c++ clang clang++ ld as ansible ansible-playbook vagrant packer molecule act tilt skaffold serverless sls cdk sam prisma drizzle-kit knex sequelize typeorm hardhat forge nodemon pm2 concurrently composer',
    PROJECT,
    (name) => ({ line: `${name} x`, effects: ['code.local'] }),
  ),
  ...alike('mvn mvnw gradle gradlew', { grammar: 'none', effects: ['code.local', 'net.connect'] }, (name) => ({
    line: `${name} test`,
    effects: ['code.local', 'net.connect'],
  })),
]
