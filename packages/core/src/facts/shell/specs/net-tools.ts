import type { OptionSpec, ProgramSpec } from '../program-spec.ts'
import { alike, options } from './options.ts'

const SSH: readonly OptionSpec[] = [
  ...options('-o=', { role: 'ssh-option' }),
  // A configuration of one's own may name programs to start.
  ...options('-F=', { role: 'script' }),
  ...options('-i=', { role: 'read' }),
  ...options('-J=', { role: 'connect' }),
  ...options('-c= -4 -6 -C -q -v'),
]

/** Programs that talk to other hosts. */
export const netTools: readonly ProgramSpec[] = [
  {
    names: ['wget'],
    options: [
      ...options('--use-askpass=', { role: 'command' }),
      ...options('-e,--execute= --config=', { opaque: true }),
      ...options(
        '-O,--output-document= -o,--output-file= -a,--append-output= -P,--directory-prefix= --save-cookies= --warc-file= --warc-tempdir= --hsts-file= --rejected-log=',
        { role: 'write' },
      ),
      ...options(
        '-i,--input-file= --load-cookies= --certificate= --private-key= --ca-certificate= --ca-directory= --crl-file=',
        { role: 'read' },
      ),
      ...options('--post-data= --body-data=', { effects: ['net.upload'] }),
      ...options('--post-file= --body-file=', { role: 'read', effects: ['net.upload'] }),
      ...options('--method=', { role: 'http-method' }),
      ...options('--delete-after', { effects: ['fs.delete'] }),
      ...options(
        '-V,--version -h,--help --spider -b,--background -d,--debug -q,--quiet -v,--verbose -nv,--no-verbose -F,--force-html -nc,--no-clobber -c,--continue --show-progress -N,--timestamping --no-if-modified-since --no-use-server-timestamps -S,--server-response --no-proxy -4,--inet4-only -6,--inet6-only --no-dns-cache --random-wait --ignore-case --retry-connrefused --ask-password -nd,--no-directories -x,--force-directories -nH,--no-host-directories --protocol-directories -E,--adjust-extension --no-cache --ignore-length --no-http-keep-alive --content-disposition --content-on-error --trust-server-names --auth-no-challenge --https-only --no-check-certificate --keep-session-cookies --no-hsts --no-ftp --no-glob --no-passive-ftp --preserve-permissions --retr-symlinks --xattr --compression= -r,--recursive -k,--convert-links --convert-file-only -K,--backup-converted -m,--mirror -p,--page-requisites --strict-comments -H,--span-hosts -L,--relative -np,--no-parent --follow-ftp --no-netrc --no-cookies',
      ),
      ...options(
        '-B,--base= -t,--tries= -T,--timeout= --dns-timeout= --connect-timeout= --read-timeout= -w,--wait= --waitretry= -Q,--quota= --bind-address= --limit-rate= --restrict-file-names= --prefer-family= --user= --password= --local-encoding= --remote-encoding= --cut-dirs= --default-page= --http-user= --http-password= --header= --max-redirect= --proxy-user= --proxy-password= --referer= -U,--user-agent= --secure-protocol= --certificate-type= --private-key-type= --ciphers= -l,--level= -A,--accept= -R,--reject= --accept-regex= --reject-regex= --regex-type= -D,--domains= --exclude-domains= --follow-tags= --ignore-tags= -I,--include-directories= -X,--exclude-directories= --progress= --start-pos= --retry-on-http-error=',
      ),
    ],
    effects: ['net.connect', 'fs.write'],
    operands: { rest: 'url' },
    examples: [
      { line: 'wget -q -O a https://example.com/a', effects: ['net.connect', { kind: 'fs.write', targets: ['a'] }] },
      { line: 'wget --post-f a https://example.com', effects: ['net.connect', 'net.upload', 'fs.write', 'fs.read'] },
      { line: 'wget --use-askpass=x https://example.com', effects: ['exec.unknown', 'net.connect', 'fs.write'] },
    ],
  },
  {
    names: ['ssh'],
    grammar: 'posix',
    options: [
      ...SSH,
      ...options('-L= -R= -D= -w=', { effects: ['net.listen'] }),
      ...options('-E= -S=', { role: 'write' }),
      ...options('-I=', { effects: ['code.local'] }),
      ...options('-A -a -f -G -g -K -k -M -N -n -s -T -t -tt -V -X -x -Y -y -B= -b= -e= -l= -m= -O= -p= -Q= -W= -P='),
    ],
    effects: ['net.connect'],
    elsewhere: true,
    // Without a command, the other side's shell reads it.
    stdin: 'shell',
    operands: { first: ['connect'], rest: 'shell' },
    examples: [
      { line: 'ssh -p 22 a@b rm -rf c', effects: [{ kind: 'net.connect', targets: ['a@b'] }, 'fs.delete'] },
      { line: "ssh -o ProxyCommand='rm a' b ls", effects: ['code.inline', 'net.connect', 'fs.read'] },
      { line: 'ssh -o StrictHostKeyChecking=no b ls', effects: ['net.connect', 'fs.read'] },
    ],
  },
  {
    names: ['scp'],
    options: [...SSH, ...options('-S= -D=', { role: 'command' }), ...options('-3 -A -B -O -p -R -r -s -T -l= -P= -X=')],
    effects: ['net.connect'],
    operands: { rest: 'copy-from', last: 'copy-to' },
    examples: [
      { line: 'scp -r a b:c', effects: [{ kind: 'fs.read', targets: ['a'] }, 'net.connect', 'net.upload'] },
      { line: 'scp a:b c', effects: ['net.connect', { kind: 'fs.write', targets: ['c'] }] },
    ],
  },
  {
    names: ['sftp'],
    options: [
      ...SSH,
      ...options('-S= -D=', { role: 'command' }),
      ...options('-b=', { role: 'script' }),
      ...options('-A -a -f -N -p -r -B= -l= -P= -R= -s= -X='),
    ],
    effects: ['net.connect', 'net.upload', 'fs.write'],
    stdin: 'code',
    operands: { first: ['connect'] },
    examples: [{ line: 'sftp a@b', effects: ['net.connect', 'net.upload', 'fs.write', 'code.inline'] }],
  },
  {
    names: ['rsync'],
    options: [
      ...options('-e,--rsh=', { role: 'remote-shell' }),
      ...options('--rsync-path=', { effects: ['code.inline'] }),
      ...options(
        '--delete,--del --delete-before --delete-during --delete-delay --delete-after --delete-excluded --delete-missing-args --remove-source-files',
        { effects: ['fs.delete'] },
      ),
      // A log is written all the same.
      ...options('-n,--dry-run', { cancels: ['fs.delete', 'net.upload'] }),
      ...options('-f,--filter= --config=', { effects: ['fs.read'] }),
      ...options(
        '--exclude-from= --include-from= --files-from= --password-file= --compare-dest= --copy-dest= --link-dest= --read-batch=',
        { role: 'read' },
      ),
      ...options('--log-file= --backup-dir= --partial-dir= -T,--temp-dir= --write-batch= --only-write-batch=', {
        role: 'write',
      }),
      ...options('--daemon', { effects: ['net.listen'], opaque: true }),
      ...options(
        '-v,--verbose -q,--quiet --no-motd -c,--checksum -a,--archive -r,--recursive -R,--relative --no-implied-dirs -b,--backup -u,--update --inplace --append --append-verify -d,--dirs --old-dirs --mkpath -l,--links -L,--copy-links --copy-unsafe-links --safe-links --munge-links -k,--copy-dirlinks -K,--keep-dirlinks -H,--hard-links -p,--perms -E,--executability -A,--acls -X,--xattrs -o,--owner -g,--group --devices --copy-devices --write-devices --specials -D -t,--times -U,--atimes --open-noatime -N,--crtimes -O,--omit-dir-times -J,--omit-link-times --super --fake-super -S,--sparse --preallocate -W,--whole-file -x,--one-file-system --existing --ignore-existing --ignore-errors --force --partial --delay-updates -m,--prune-empty-dirs --numeric-ids -I,--ignore-times --size-only -y,--fuzzy -z,--compress --old-compress --new-compress -C,--cvs-exclude -0,--from0 --old-args -s,--secluded-args,--protect-args --trust-sender --blocking-io --stats -8,--8-bit-output -h,--human-readable --progress -P -i,--itemize-changes --list-only --fsync -4,--ipv4 -6,--ipv6 --version --help --no-perms --no-owner --no-group --no-times --no-links',
      ),
      ...options(
        '--info= --debug= --stderr= --suffix= --chmod= -B,--block-size= --max-delete= --max-size= --min-size= --max-alloc= --modify-window= --compress-choice= --zc= --compress-level= --zl= --skip-compress= --exclude= --include= --address= --port= --sockopts= --outbuf= --remote-option= -M= --out-format= --log-file-format= --early-input= --bwlimit= --stop-after= --stop-at= --protocol= --iconv= --checksum-seed= --timeout= --contimeout= --usermap= --groupmap= --chown= -@=',
      ),
    ],
    operands: { rest: 'copy-from', last: 'copy-to' },
    examples: [
      { line: 'rsync -avz --delete a/ b:c', effects: ['fs.delete', 'fs.read', 'net.connect', 'net.upload'] },
      { line: "rsync -e 'ssh -p 22' b c:", effects: ['net.connect', 'fs.read', 'net.upload'] },
      { line: "rsync -e 'sh -c id' b c", effects: ['code.inline', 'fs.read', 'fs.write'] },
    ],
  },
  ...alike(
    'nc ncat netcat',
    {
      options: [
        ...options('-e,--exec= --lua-exec= --lua-exec-internal=', { role: 'command', effects: ['net.upload'] }),
        ...options('-c,--sh-exec=', { role: 'shell' }),
        ...options('-l,--listen', { effects: ['net.listen'] }),
        ...options('-o,--output= -x,--hex-dump=', { role: 'write' }),
        ...options('-z', { cancels: ['net.upload'] }),
        ...options(
          '-4 -6 -b -C -D -d -F -h -k,--keep-open -N -n,--nodns -r -S -t -U,--unixsock -u,--udp -v,--verbose -Z -I= -i= -M= -m= -O= -P= -p,--source-port= -q= -s= -T= -V -W= -w,--wait= -X= -g= -G= --ssl --send-only --recv-only --proxy= --broker --chat --allow= --deny= --max-conns= -y',
        ),
      ],
      effects: ['net.connect', 'net.upload'],
      operands: { first: ['connect'] },
    },
    (name) => ({
      line: `${name} -lvnp 4444 -c 'rm a'`,
      effects: ['net.listen', 'net.connect', 'net.upload', 'fs.delete'],
    }),
  ),
  ...alike(
    'socat telnet ftp tftp lftp rlogin rsh chisel ngrok cloudflared',
    { grammar: 'none', effects: ['net.connect', 'net.upload', 'net.listen', 'code.inline'] },
    (name) => ({
      line: `${name} a`,
      effects: ['net.connect', 'net.upload', 'net.listen', 'code.inline'],
    }),
  ),
  {
    names: ['ping', 'ping6'],
    options: options(
      '-4 -6 -A -a -B -b -c= -D -d -e= -F= -f -h -I= -i= -L -l= -M= -m= -N= -n -O -o -p= -Q= -q -R -r -S= -s= -T= -t= -U -V -v -W= -w=',
    ),
    operands: { rest: 'connect' },
    examples: [{ line: 'ping -c 1 a', effects: [{ kind: 'net.connect', targets: ['a'] }] }],
  },
  ...alike(
    'traceroute tracepath mtr nslookup host whois nmap',
    {
      otherOptions: 'opaque',
      options: options('-n -4 -6 -t= -T -I -w= -q= -m= -p= -c= -r -v -a -type= -h -V --version --help'),
      operands: { rest: 'connect' },
    },
    (name) => ({
      line: `${name} a`,
      effects: [{ kind: 'net.connect', targets: ['a'] }],
    }),
  ),
  {
    names: ['dig', 'drill'],
    options: [
      ...options('-f= -k=', { role: 'read' }),
      ...options('-4 -6 -b= -c= -h -i -m -p= -q= -r -t= -u -v -x= -y='),
    ],
    operands: { rest: 'connect' },
    otherOptions: 'plain',
    examples: [{ line: 'dig +short a', effects: ['net.connect'] }],
  },
  ...alike(
    'ssh-keygen',
    {
      options: [
        ...options('-f=', { role: 'write' }),
        ...options('-t= -b= -C= -N= -q -l -y -p -P= -R= -F= -H -E= -o -a= -m= -e -v'),
      ],
      effects: ['fs.write'],
    },
    () => ({ line: 'ssh-keygen -t ed25519 -f k', effects: [{ kind: 'fs.write', targets: ['k'] }] }),
  ),
  ...alike(
    'ssh-copy-id',
    { options: options('-i= -p= -o= -f -n -s'), effects: ['net.connect', 'net.upload', 'persist'] },
    () => ({ line: 'ssh-copy-id a@b', effects: ['net.connect', 'net.upload', 'persist'] }),
  ),
  ...alike(
    'ssh-keyscan',
    {
      options: [...options('-f=', { role: 'read' }), ...options('-4 -6 -c -D -H -v -p= -T= -t=')],
      operands: { rest: 'connect' },
    },
    () => ({ line: 'ssh-keyscan a', effects: ['net.connect'] }),
  ),
]
