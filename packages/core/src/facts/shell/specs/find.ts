import type { ProgramSpec } from '../program-spec.ts'
import { options } from './options.ts'

/** `find`: the places before the first test are read, or deleted below; some tests start programs or write files. */
export const find: ProgramSpec = {
  names: ['find', 'gfind'],
  grammar: 'long-dash',
  options: [
    ...options('-exec -execdir -ok -okdir').map((option) => ({
      ...option,
      value: 'until' as const,
      role: 'command' as const,
    })),
    ...options('-delete', { operands: { rest: 'delete' } }),
    ...options('-fprint= -fprint0= -fls=', { role: 'write' }),
    // Names of places that the line does not say.
    ...options('-files0-from=', { opaque: true }),
    // The file first, then a format: that is left to count as a place.
    ...options('-fprintf=', { role: 'write' }),
    ...options('-newer= -anewer= -cnewer= -samefile='),
    ...options(
      '-newerXY= -neweraa= -newerac= -newerat= -newerca= -newercc= -newerct= -newerma= -newermc= -newermt= -newerBt= -newerBm=',
    ),
    ...options(
      '-amin= -atime= -cmin= -ctime= -mmin= -mtime= -Bmin= -Btime= -used= -fstype= -gid= -group= -ilname= -iname= -inum= -ipath= -iregex= -iwholename= -links= -lname= -name= -path= -perm= -regex= -size= -type= -uid= -user= -wholename= -xtype= -context= -maxdepth= -mindepth= -regextype= -printf= -flags= -xattrname= -D=',
    ),
    ...options(
      '-H -L -P -E -X -s -d -x -O0 -O1 -O2 -O3 -depth -daystart -follow -ignore_readdir_race -noignore_readdir_race -mount -noleaf -nowarn -warn -xdev -empty -executable -readable -writable -nogroup -nouser -true -false -print -print0 -ls -prune -quit -a -and -o -or -not ! ( ) -help --help -version --version',
    ),
    { names: [','] },
  ],
  operands: { rest: 'read', default: '.' },
  examples: [
    { line: "find src -name '*.ts' -type f", effects: [{ kind: 'fs.read', targets: ['src'] }] },
    { line: 'find . -delete', effects: [{ kind: 'fs.delete', targets: ['.'] }] },
    { line: "find . -name '*.o' -exec rm -f {} +", effects: ['fs.read', 'fs.delete'] },
    {
      line: 'find . \\( -name a -o -name b \\) -fprint out',
      effects: ['fs.read', { kind: 'fs.write', targets: ['out'] }],
    },
    { line: 'find . -unheard-of', opaque: true },
  ],
}
