import type { ProgramSpec } from '../program-spec.ts'
import { alike, GNU, options } from './options.ts'

/** Programs that remove files. */
export const remove: readonly ProgramSpec[] = [
  {
    names: ['rm'],
    options: [
      ...GNU,
      ...options(
        '-f,--force -i -I --interactive[=] -r,-R,--recursive -d,--dir -v,--verbose --one-file-system --preserve-root[=] --no-preserve-root -P -W -x',
      ),
    ],
    operands: { rest: 'delete' },
    examples: [
      { line: 'rm -rf build', effects: [{ kind: 'fs.delete', targets: ['build'] }], flags: ['recursive', 'force'] },
      { line: 'rm --rec a -f -- -b', effects: [{ kind: 'fs.delete', targets: ['a', '-b'] }] },
      { line: 'rm --hurry a', opaque: true },
    ],
  },
  {
    names: ['unlink'],
    options: GNU,
    operands: { rest: 'delete' },
    examples: [{ line: 'unlink a', effects: [{ kind: 'fs.delete', targets: ['a'] }] }],
  },
  {
    names: ['rmdir'],
    options: [...GNU, ...options('--ignore-fail-on-non-empty -p,--parents -v,--verbose')],
    operands: { rest: 'delete' },
    examples: [{ line: 'rmdir -p a/b', effects: [{ kind: 'fs.delete', targets: ['a/b'] }] }],
  },
  {
    names: ['shred'],
    options: [
      ...GNU,
      ...options('-f,--force -n,--iterations= -s,--size= -u --remove[=] -v,--verbose -x,--exact -z,--zero'),
      ...options('--random-source=', { role: 'read' }),
    ],
    operands: { rest: 'wipe' },
    examples: [{ line: 'shred -uz a', effects: [{ kind: 'fs.wipe', targets: ['a'] }] }],
  },
  {
    names: ['wipefs'],
    options: [
      ...options('-a,--all', { operands: { rest: 'wipe' } }),
      ...options('-o,--offset=', { operands: { rest: 'wipe' } }),
      ...options('-n,--no-act', { cancels: ['fs.wipe'] }),
      ...options('-b,--backup[=]', { effects: ['fs.write'] }),
      ...options(
        '-f,--force -i,--noheadings -J,--json -O,--output= -p,--parsable -q,--quiet -t,--types= --lock[=] -h,--help -V,--version',
      ),
    ],
    operands: { rest: 'read' },
    examples: [
      { line: 'wipefs -a /dev/sdz', effects: [{ kind: 'fs.wipe', targets: ['/dev/sdz'] }] },
      { line: 'wipefs /dev/sdz', effects: [{ kind: 'fs.read', targets: ['/dev/sdz'] }] },
    ],
  },
  ...alike(
    'mkfs mkfs.ext2 mkfs.ext3 mkfs.ext4 mkfs.xfs mkfs.btrfs mkfs.vfat mkfs.fat mkfs.ntfs mkfs.f2fs mkfs.exfat mkfs.msdos mkfs.minix mke2fs mkswap mkdosfs newfs blkdiscard cryptsetup sgdisk sfdisk fdisk parted gdisk cfdisk vgremove lvremove pvremove pvcreate zpool zfs mdadm diskutil',
    { grammar: 'none', effects: ['fs.wipe'], operands: { rest: 'wipe' } },
    (name) => ({ line: `${name} /dev/sdz`, effects: [{ kind: 'fs.wipe', targets: ['/dev/sdz'] }] }),
  ),
]
