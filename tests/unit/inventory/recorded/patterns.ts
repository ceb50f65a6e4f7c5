/**
 * The patterns that are asked of ansible-core (record.ts) and of aami (comparison_test.ts).
 *
 * @module
 */

import type { InventoryCase } from "./cases.ts";

/** The inventory that the patterns are asked of. */
export const PATTERN_INVENTORY: InventoryCase = {
  name: "patterns",
  files: {
    "inv.ini": `lone
localnet
[web]
web01
web02
web03
web10.example.com
[db]
db1
db2
[dbold]
old1
[stack:children]
web
db
[rack1]
web01
db1
[rack2]
web02
db2
10.0.0.5
[empty]
[web:vars]
x=1
`,
  },
};

/** Patterns, and limits where there are two. */
export const PATTERNS: readonly (readonly [string, string?])[] = [
  ["all"],
  ["*"],
  ["web"],
  ["db"],
  ["stack"],
  ["ungrouped"],
  ["empty"],
  ["lone"],
  ["web01"],
  ["10.0.0.5"],
  ["localhost"],
  ["127.0.0.1"],
  ["web:db"],
  ["web,db"],
  ["db:web"],
  ["web:lone"],
  ["lone:web"],
  ["web02:web01"],
  ["web:&rack1"],
  ["web:!rack1"],
  ["stack:&rack2:!db"],
  ["all:!stack"],
  ["!web"],
  ["&rack1"],
  ["&rack1:!db"],
  ["web,&rack1"],
  ["web, !web02"],
  ["!web02,web"],
  ["stack:!web*"],
  ["web*"],
  ["*.example.com"],
  ["db*"],
  ["w?b01"],
  ["web0[12]"],
  ["web0[!1]"],
  ["*b*"],
  ["[wd]*"],
  ["~web\\d+"],
  ["~(web|db)0?1"],
  ["~.*example"],
  ["~^db"],
  ["~b1"],
  ["web[0]"],
  ["web[1]"],
  ["web[-1]"],
  ["web[-2]"],
  ["web[0:1]"],
  ["web[1:2]"],
  ["web[1:]"],
  ["web[2:9]"],
  ["web[7:9]"],
  ["web[9]"],
  ["web[-9]"],
  ["nosuch"],
  ["web:nosuch"],
  ["web:!nosuch"],
  ["web:&nosuch"],
  ["nosuch*"],
  ["web:22"],
  ["web[0:0]"],
  ["web[1:0]"],
  ["stack[0]"],
  ["stack[-1]"],
  ["all[0]"],
  ["all[0:2]"],
  ["web*[0]"],
  ["web*[4]"],
  ["db*[0:3]"],
  ["web[0]:db[1]"],
  ["web[0],db[-1]"],
  ["stack:!web[0]"],
  ["web:&rack1[0]"],
  ["empty[0]"],
  ["web:web"],
  ["web01:web"],
  ["web:web01"],
  ["rack1:rack2:&web"],
  ["web:db:!rack1:&stack"],
  ["all:&lone"],
  ["lone localnet"],
  [" web , db "],
  ["web,,db"],
  ["::1"],
  ["all", "web"],
  ["web", "rack1"],
  ["stack", "rack1:rack2"],
  ["web", "!web02"],
  ["stack", "web[0]"],
  ["web", "db"],
  ["db:web", "web:db"],
  ["all", "~web0"],
  ["all", "&rack1"],
  ["web", "web*,!rack1"],
  ["localhost", "localhost"],
  ["web", "@limit.txt"],
  ["all", "@limit.txt,!db1"],
  ["stack[0:2]", "rack1"],
];

/** The file of the limits with `@`. */
export const LIMIT_FILE = "web01\n\n  db1  \nweb03\n";
