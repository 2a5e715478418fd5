import type { ProgramSpec } from '../program-spec.ts'
import { options } from './options.ts'

/** `curl`: its operands are URLs. A configuration file may hold any option. */
export const curl: ProgramSpec = {
  names: ['curl'],
  options: [
    ...options('--url=', { role: 'url' }),
    ...options('-K,--config=', { opaque: true }),
    ...options('--next,-:'),
    ...options('-d,--data= --data-ascii= --data-binary= --data-urlencode= --json= --url-query= -F,--form=', {
      role: 'data',
    }),
    ...options('--data-raw= --form-string= -Q,--quote=', { effects: ['net.upload'] }),
    ...options('-T,--upload-file=', { role: 'read', effects: ['net.upload'] }),
    ...options(
      '-o,--output= --output-dir= -c,--cookie-jar= -D,--dump-header= --stderr= --trace= --trace-ascii= --etag-save= --hsts= --alt-svc= --libcurl= --ssl-sessions=',
      { role: 'write' },
    ),
    ...options('-O,--remote-name -J,--remote-header-name --remote-name-all --create-dirs', { effects: ['fs.write'] }),
    ...options('--remove-on-error'),
    ...options(
      '-E,--cert= --cacert= --capath= --key= --netrc-file= --etag-compare= --crlfile= --proxy-cacert= --proxy-cert= --proxy-key= --proxy-capath= --proxy-crlfile= --pubkey= -b,--cookie=',
      { role: 'read' },
    ),
    // Loads a library into the client.
    ...options('--engine=', { effects: ['code.local'] }),
    ...options(
      '-x,--proxy= --preproxy= --socks4= --socks4a= --socks5= --socks5-hostname= --proxy1.0= --doh-url= --connect-to= --resolve= --dns-servers= --ipfs-gateway=',
      { role: 'connect' },
    ),
    // A daemon on a socket may hold more rights than its caller.
    ...options('--unix-socket= --abstract-unix-socket=', { role: 'connect', effects: ['priv.change'] }),
    ...options('-H,--header= --proxy-header= -w,--write-out=', { role: 'at-file' }),
    ...options('-X,--request=', { role: 'http-method' }),
    ...options(
      '-A,--user-agent= -e,--referer= -u,--user= -U,--proxy-user= -m,--max-time= --connect-timeout= --retry= --retry-delay= --retry-max-time= -r,--range= -C,--continue-at= -z,--time-cond= -y,--speed-time= -Y,--speed-limit= --limit-rate= --max-filesize= --max-redirs= --ciphers= --tls13-ciphers= --tls-max= --curves= --interface= --local-port= --keepalive-time= --keepalive-cnt= --noproxy= --oauth2-bearer= --aws-sigv4= --proto= --proto-default= --proto-redir= --request-target= --pinnedpubkey= -t,--telnet-option= --rate= --parallel-max= --happy-eyeballs-timeout-ms= --expect100-timeout= --service-name= --delegation= --krb= --login-options= --mail-auth= --mail-from= --mail-rcpt= --cert-type= --key-type= --pass= --hostpubmd5= --hostpubsha256= --proxy-pass= --socks5-gssapi-service= --tftp-blksize= --tlsauthtype= --tlsuser= --tlspassword= --variable= -P,--ftp-port= --ftp-account= --ftp-method= --dns-interface= --dns-ipv4-addr= --dns-ipv6-addr= --create-file-mode= --trace-config= --ip-tos= --vlan-priority=',
    ),
    ...options('-h,--help[=]'),
    ...options(
      '-s,--silent -S,--show-error -f,--fail --fail-early --fail-with-body -L,--location --location-trusted -i,--include --show-headers -I,--head -G,--get -k,--insecure -v,--verbose -V,--version -#,--progress-bar --no-progress-meter -a,--append -B,--use-ascii -g,--globoff -j,--junk-session-cookies -l,--list-only -M,--manual -n,--netrc --netrc-optional -N,--no-buffer -p,--proxytunnel -q,--disable -R,--remote-time -Z,--parallel --parallel-immediate -0,--http1.0 --http1.1 --http2 --http2-prior-knowledge --http3 --http3-only --http0.9 -1,--tlsv1 --tlsv1.0 --tlsv1.1 --tlsv1.2 --tlsv1.3 -2,--sslv2 -3,--sslv3 -4,--ipv4 -6,--ipv6 --anyauth --basic --digest --ntlm --negotiate --compressed --compressed-ssh --tr-encoding --raw --path-as-is --post301 --post302 --post303 --no-keepalive --no-sessionid --no-alpn --no-npn --ssl --ssl-reqd --ssl-no-revoke --ssl-allow-beast --ssl-revoke-best-effort --ssl-auto-client-cert --tcp-nodelay --tcp-fastopen --crlf --ca-native --cert-status --doh-insecure --doh-cert-status --false-start --ftp-create-dirs --ftp-pasv --ftp-skip-pasv-ip --ftp-pret --ftp-ssl-ccc --disable-eprt --disable-epsv --disallow-username-in-url --haproxy-protocol --ignore-content-length --metalink --proxy-anyauth --proxy-basic --proxy-digest --proxy-insecure --proxy-negotiate --proxy-ntlm --proxy-tlsv1 --retry-all-errors --retry-connrefused --sasl-ir --styled-output --suppress-connect-headers --tftp-no-options --trace-time --trace-ids --xattr --skip-existing',
    ),
  ],
  exactLong: true,
  operands: { rest: 'url' },
  effects: ['net.connect'],
  examples: [
    {
      line: 'curl -s http://localhost:3000/health',
      effects: [{ kind: 'net.connect', targets: ['http://localhost:3000/health'] }],
    },
    { line: 'curl -fsSLo a https://example.com/a', effects: ['net.connect', { kind: 'fs.write', targets: ['a'] }] },
    {
      line: 'curl -d @a https://example.com',
      effects: ['net.connect', 'net.upload', { kind: 'fs.read', targets: ['a'] }],
    },
    { line: 'curl -K a', opaque: true },
  ],
}
