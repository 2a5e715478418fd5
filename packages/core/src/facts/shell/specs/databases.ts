import type { ProgramSpec } from '../program-spec.ts'
import { alike, options } from './options.ts'

const KEYS_READ =
  'get mget exists keys scan type ttl pttl strlen getrange hget hgetall hmget hkeys hvals hlen hexists hscan lrange llen lindex scard smembers sismember sscan zrange zcard zscore zscan zrevrange zcount xrange xlen xinfo info ping echo time dbsize lastsave memory object role randomkey bitcount getbit pfcount'
const KEYS_WRITE =
  'set setex setnx mset append incr incrby decr decrby hset hmset hincrby lpush rpush sadd zadd expire persist publish subscribe psubscribe monitor select auth hello client select'

/** Clients of databases. A statement that does not plainly read may destroy. */
export const databases: readonly ProgramSpec[] = [
  {
    names: ['psql'],
    options: [
      ...options('-c,--command=', { role: 'sql' }),
      ...options('-f,--file=', { role: 'script' }),
      ...options('-o,--output= -L,--log-file=', { role: 'write' }),
      ...options('-h,--host=', { role: 'connect' }),
      ...options(
        '-d,--dbname= -l,--list -v,--set,--variable= -V,--version -X,--no-psqlrc -1,--single-transaction -?,--help[=] -a,--echo-all -b,--echo-errors -e,--echo-queries -E,--echo-hidden -n,--no-readline -q,--quiet -s,--single-step -S,--single-line -A,--no-align --csv -F,--field-separator= -H,--html -P,--pset= -R,--record-separator= -t,--tuples-only -T,--table-attr= -x,--expanded -z,--field-separator-zero -0,--record-separator-zero -p,--port= -U,--username= -w,--no-password -W,--password',
      ),
    ],
    effects: ['net.connect'],
    stdin: 'code',
    examples: [
      { line: "psql -d a -c 'SELECT count(*) FROM b'", effects: ['net.connect'] },
      { line: "psql a -c 'DROP TABLE b'", effects: ['net.connect', 'db.destructive'] },
      { line: "psql -c '\\! id'", effects: ['net.connect', 'code.inline'] },
      { line: "psql -c '\\dt'", effects: ['net.connect'] },
    ],
  },
  ...alike(
    'mysql mariadb',
    {
      options: [
        ...options('-e,--execute=', { role: 'sql' }),
        ...options('--init-command=', { role: 'sql' }),
        ...options('--defaults-file= --defaults-extra-file= --plugin-dir=', { role: 'script' }),
        ...options('--pager[=]', { role: 'shell' }),
        ...options('--tee=', { role: 'write' }),
        ...options('-h,--host=', { role: 'connect' }),
        ...options('--local-infile[=]', { effects: ['fs.read'] }),
        ...options('--ssl-ca= --ssl-cert= --ssl-key=', { role: 'read' }),
        ...options(
          '-u,--user= -p,--password[=] -P,--port= -S,--socket= -D,--database= --protocol= --default-character-set= --ssl-mode= --ssl[=] --connect-timeout= --max-allowed-packet= --delimiter= -?,--help -A,--no-auto-rehash -B,--batch -C,--compress -E,--vertical -f,--force -G,--named-commands -H,--html -i,--ignore-spaces -L,--skip-line-numbers -n,--unbuffered -N,--skip-column-names -o,--one-database -q,--quick -r,--raw -s,--silent -t,--table -T,--debug-info -v,--verbose -V,--version -w,--wait -X,--xml --column-names --safe-updates -U --show-warnings --binary-mode --no-defaults --print-defaults',
        ),
      ],
      effects: ['net.connect'],
      stdin: 'code',
    },
    (name) => ({ line: `${name} -u a -e 'drop database b'`, effects: ['net.connect', 'db.destructive'] }),
  ),
  {
    names: ['sqlite3', 'sqlite'],
    grammar: 'long-dash',
    options: [
      ...options('-cmd=', { role: 'sql' }),
      ...options('-init=', { role: 'script' }),
      ...options(
        '-append -ascii -bail -batch -box -column -csv -deserialize -echo -header -noheader -headers -help -html -interactive -json -line -list -markdown -memtrace -nofollow -quote -readonly -safe -stats -table -tabs -version -heap= -key= -lookaside= -maxsize= -mmap= -newline= -nonce= -nullvalue= -pagecache= -separator= -vfs=',
      ),
      ...options('-A -zip', { opaque: true }),
    ],
    stdin: 'code',
    operands: { first: ['read'], rest: 'sql' },
    examples: [
      { line: "sqlite3 a.db 'select * from b limit 5'", effects: ['fs.read'] },
      { line: "sqlite3 a.db '.shell id'", effects: ['fs.read', 'code.inline'] },
      { line: "sqlite3 -readonly a.db 'delete from b'", effects: ['fs.read', 'db.destructive'] },
    ],
  },
  ...alike(
    'mongosh mongo',
    {
      options: [
        ...options('--eval=', { role: 'code', effects: ['db.destructive'] }),
        ...options('-f,--file=', { role: 'script', effects: ['db.destructive'] }),
        ...options('--host= --port=', {}),
        ...options(
          '-u,--username= -p,--password= --authenticationDatabase= --authenticationMechanism= --quiet --norc --shell --nodb --json[=] --tls --tlsCAFile= --tlsCertificateKeyFile= --version -h,--help --verbose',
        ),
      ],
      exactLong: true,
      effects: ['net.connect'],
      stdin: 'code',
      operands: { first: ['connect'], rest: 'script' },
    },
    (name) => ({
      line: `${name} a --eval 'db.dropDatabase()'`,
      effects: ['net.connect', 'code.inline', 'db.destructive'],
    }),
  ),
  {
    names: ['redis-cli', 'valkey-cli'],
    grammar: 'posix',
    options: [
      ...options('--eval=', { role: 'script', effects: ['db.destructive'] }),
      ...options('--rdb= --functions-rdb=', { role: 'write' }),
      ...options('-h=', { role: 'connect' }),
      ...options('--pipe -x', { effects: ['db.destructive'] }),
      ...options('--cluster=', { effects: ['infra.destructive'] }),
      ...options(
        '-p= -s= -a= --user= --pass= -u= -r= -i= -n= -d= -D= -t= --cacert= --cert= --key= --sni= -2 -3 -c -e --raw --no-raw --quoted-input --csv --json --quoted-json --no-auth-warning --tls --insecure --stat --latency --bigkeys --memkeys --hotkeys --scan --pattern= --count= --askpass --version --help --verbose',
      ),
    ],
    effects: ['net.connect'],
    withoutOperands: ['code.inline', 'db.destructive'],
    subcommands: {
      ...Object.fromEntries(
        [...KEYS_READ.split(' '), ...KEYS_READ.toUpperCase().split(' ')].map((name) => [
          name,
          { grammar: 'none', effects: ['net.connect'] } as const,
        ]),
      ),
      ...Object.fromEntries(
        [...KEYS_WRITE.split(' '), ...KEYS_WRITE.toUpperCase().split(' ')].map((name) => [
          name,
          { grammar: 'none', effects: ['net.connect', 'net.upload'] } as const,
        ]),
      ),
      '*': { grammar: 'none', effects: ['net.connect', 'db.destructive'] },
    },
    examples: [
      { line: 'redis-cli -h a get b', effects: ['net.connect'] },
      { line: 'redis-cli FLUSHALL', effects: ['net.connect', 'db.destructive'] },
      { line: 'redis-cli fLuShAlL', effects: ['net.connect', 'db.destructive'] },
    ],
  },
  ...alike(
    'pg_dump pg_dumpall mysqldump mariadb-dump mongodump mongoexport',
    {
      options: [
        ...options('-f,--file= -o,--out= -r,--result-file= --archive=', { role: 'write' }),
        ...options('-h,--host=', { role: 'connect' }),
      ],
      effects: ['net.connect'],
      otherOptions: 'plain',
    },
    (name) => ({ line: `${name} -h a`, effects: ['net.connect'] }),
  ),
  ...alike(
    'dropdb dropuser createdb createuser pg_restore mysqladmin mongorestore mongoimport pg_ctl initdb vacuumdb reindexdb clusterdb',
    { grammar: 'none', effects: ['net.connect', 'db.destructive'] },
    (name) => ({
      line: `${name} a`,
      effects: ['net.connect', 'db.destructive'],
    }),
  ),
]
