import type { CommandSpec, ProgramSpec } from '../program-spec.ts'
import { alike, options } from './options.ts'

const READ: CommandSpec = { effects: ['net.connect'], otherOptions: 'plain' }
const CHANGE: CommandSpec = { effects: ['net.connect', 'net.upload'], otherOptions: 'plain' }
const DESTROY: CommandSpec = { effects: ['net.connect', 'infra.destructive'], otherOptions: 'plain' }

const by = (command: CommandSpec, names: string): Readonly<Record<string, CommandSpec>> =>
  Object.fromEntries(names.split(' ').map((name) => [name, command]))

/** Verbs as the clients of clouds build them. Those that no line covers are opaque. */
const VERBS: Readonly<Record<string, CommandSpec>> = {
  ...by(
    { effects: ['net.connect', 'exec.unknown'], elsewhere: true, otherOptions: 'plain' },
    'send-command execute-command run-command ssh start-session invoke-command',
  ),
  ...by(
    { effects: ['net.connect', 'net.upload', 'fs.write'], otherOptions: 'plain' },
    'get-object* invoke* download* export*',
  ),
  ...by(
    DESTROY,
    'delete* terminate* destroy* purge* remove* rm rb deregister* disable* detach* revoke* stop* reboot* reset* release* deprovision* undelete* cancel* schedule-key-deletion batch-delete* *-delete abandon* suspend* deallocate failover* restore* clear* empty* down *destroy *delete *remove *reset *rollback',
  ),
  ...by(
    READ,
    'describe* list* get* show* ls head* lookup* filter* query* search* scan* wait* tail* view check* validate* estimate* simulate* test* is-* whoami info read* print* status logs',
  ),
  ...by(
    CHANGE,
    'create* put* update* modify* set* add* start* run* attach* associate* authorize* register* enable* tag* untag* copy* cp mv import* publish* send* deploy* upload* submit* apply* patch* configure* sync login* assume-role* generate* request* change* allocate* scale* promote* resize* restart* resume* move* clone* sign* confirm* complete* mb presign assign*',
  ),
}

/** Words of a service before the verb, up to a depth. */
function nested(depth: number): Readonly<Record<string, CommandSpec>> {
  return depth === 0
    ? VERBS
    : { ...VERBS, '*': { options: GLOBALS, withoutOperands: ['exec.unknown'], subcommands: nested(depth - 1) } }
}

const GLOBALS = [
  ...options('--endpoint-url= --endpoint=', { role: 'connect' }),
  ...options('--access-token-file= --ca-bundle= --flags-file=', { role: 'read' }),
  ...options(
    '--profile= --region= --output= -o= --query= --project= --account= --configuration= --format= --filter= --zone= --verbosity= --subscription= -g= --resource-group= -n= --name= --cli-read-timeout= --cli-connect-timeout= --color= --impersonate-service-account= --billing-project= --limit= --page-size= --sort-by= --location= --cluster=',
  ),
  ...options(
    '--debug --no-verify-ssl --no-paginate --no-sign-request --no-cli-pager --version --help -h -q --quiet --only-show-errors --verbose --log-http --no-user-output-enabled -y --yes',
  ),
]

const S3: CommandSpec = {
  options: GLOBALS,
  subcommands: {
    ls: READ,
    presign: READ,
    cp: {
      effects: ['net.connect', 'net.upload'],
      otherOptions: 'plain',
      operands: { rest: 'copy-from', last: 'copy-to' },
    },
    mv: {
      effects: ['net.connect', 'net.upload', 'infra.destructive'],
      otherOptions: 'plain',
      operands: { rest: 'copy-from', last: 'copy-to' },
    },
    sync: {
      effects: ['net.connect', 'net.upload'],
      options: [...GLOBALS, ...options('--delete', { effects: ['infra.destructive'] })],
      otherOptions: 'plain',
      operands: { rest: 'copy-from', last: 'copy-to' },
    },
    mb: CHANGE,
    rm: DESTROY,
    rb: DESTROY,
  },
}

/** Clients of clouds. What destroys is told by the verb, so that services that are not known yet are covered as well. */
export const cloud: readonly ProgramSpec[] = [
  {
    names: ['aws'],
    options: GLOBALS,
    subcommands: {
      s3: S3,
      configure: {
        withoutOperands: ['persist'],
        subcommands: {
          list: READ,
          'list-profiles': READ,
          get: READ,
          '*': { effects: ['persist'], otherOptions: 'plain' },
        },
      },
      '*': { options: GLOBALS, subcommands: VERBS },
    },
    examples: [
      { line: 'aws s3 ls', effects: ['net.connect'] },
      { line: 'aws s3 rm s3://a --recursive', effects: ['net.connect', 'infra.destructive'] },
      {
        line: 'aws --region x ec2 terminate-instances --instance-ids i-1',
        effects: ['net.connect', 'infra.destructive'],
      },
      { line: 'aws ec2 describe-instances --query a', effects: ['net.connect'] },
      { line: 'aws ec2 frobnicate', opaque: true },
    ],
  },
  ...alike(
    'gcloud az doctl heroku flyctl fly vercel netlify railway supabase firebase wrangler linode-cli hcloud ibmcloud oci pulumi eksctl',
    { options: GLOBALS, subcommands: nested(4) },
    (name) => ({
      line: `${name} compute instances delete a`,
      effects: ['net.connect', 'infra.destructive'],
    }),
  ),
  ...alike(
    'gsutil bq',
    {
      options: options('-m -q -D -o= -h= --project_id= --format= --location='),
      subcommands: {
        ...VERBS,
        cat: READ,
        stat: READ,
        du: READ,
        hash: READ,
        mk: CHANGE,
        load: CHANGE,
        extract: CHANGE,
        query: { effects: ['net.connect'], otherOptions: 'plain', operands: { rest: 'sql' } },
        cp: CHANGE,
        mv: DESTROY,
        rsync: DESTROY,
        rewrite: DESTROY,
      },
    },
    (name) => ({
      line: `${name} rm gs://a`,
      effects: ['net.connect', 'infra.destructive'],
    }),
  ),
  ...alike(
    'terraform tofu terragrunt',
    {
      grammar: 'long-dash',
      options: [...options('-chdir=', { folder: true }), ...options('-help -version')],
      subcommands: {
        ...by({ otherOptions: 'plain', grammar: 'long-dash' }, 'version output graph metadata'),
        fmt: {
          grammar: 'long-dash',
          effects: ['fs.write'],
          options: [
            ...options('-check', { cancels: ['fs.write'] }),
            ...options('-diff -recursive -list= -write= -no-color'),
          ],
        },
        ...by(
          { grammar: 'long-dash', effects: ['net.connect', 'code.local'], otherOptions: 'plain' },
          'plan refresh console test get validate show providers',
        ),
        init: { grammar: 'long-dash', effects: ['net.connect', 'code.remote', 'fs.write'], otherOptions: 'plain' },
        ...by(
          { grammar: 'long-dash', effects: ['net.connect', 'code.local', 'infra.destructive'], otherOptions: 'plain' },
          'apply destroy taint untaint import run-all',
        ),
        state: {
          subcommands: {
            ...by({ grammar: 'long-dash', effects: ['net.connect'], otherOptions: 'plain' }, 'list show pull'),
            '*': { grammar: 'long-dash', effects: ['net.connect', 'infra.destructive'], otherOptions: 'plain' },
          },
        },
        workspace: {
          subcommands: {
            ...by({ otherOptions: 'plain', grammar: 'long-dash' }, 'list show select new'),
            delete: { grammar: 'long-dash', effects: ['net.connect', 'infra.destructive'], otherOptions: 'plain' },
          },
        },
        'force-unlock': { grammar: 'long-dash', effects: ['infra.destructive'], otherOptions: 'plain' },
      },
    },
    (name) => ({ line: `${name} destroy -auto-approve`, effects: ['net.connect', 'code.local', 'infra.destructive'] }),
  ),
]
