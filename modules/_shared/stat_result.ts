/**
 * What lies at a path, under Ansible's names.
 *
 * @module
 */

import type { FileStat } from "../../engine/host/host.ts";
import type { Result } from "../../engine/module/module.ts";
import { formatMode } from "./file_mode.ts";

/** The keys that the modules stat and find have in common. */
export function statResult(stat: FileStat): Result {
  const is = (type: FileStat["type"]) => stat.type === type;
  const bit = (mask: number) => (stat.mode & mask) !== 0;
  return {
    mode: formatMode(stat.mode),
    ...{ isreg: is("file"), isdir: is("directory"), islnk: is("link"), isfifo: is("fifo") },
    ...{ issock: is("socket"), isblk: is("block"), ischr: is("char") },
    ...{ uid: stat.uid, gid: stat.gid, pw_name: stat.owner, gr_name: stat.group },
    ...{ size: stat.size, inode: stat.inode, dev: stat.device, nlink: stat.links },
    ...{ atime: stat.atime, mtime: stat.mtime, ctime: stat.ctime },
    ...{ rusr: bit(0o400), wusr: bit(0o200), xusr: bit(0o100) },
    ...{ rgrp: bit(0o040), wgrp: bit(0o020), xgrp: bit(0o010) },
    ...{ roth: bit(0o004), woth: bit(0o002), xoth: bit(0o001) },
    ...{ isuid: bit(0o4000), isgid: bit(0o2000) },
  };
}
