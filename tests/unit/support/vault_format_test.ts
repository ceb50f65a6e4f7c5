import { deepStrictEqual, equal, match, notEqual, throws } from "node:assert/strict";
import {
  decryptEnvelope,
  encryptBytes,
  holdsEncrypted,
  isEncrypted,
  parseEnvelope,
  VaultFormatError,
} from "../../../engine/support/vault_format.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const PASSWORD = bytes("p4ss wörd");
const TEXT = "Grüße, Zebra\nzwei\n";

/** Made by ansible-vault of ansible-core 2.14.18; the second with --vault-id prod@…. */
const RECORDED = [
  `$ANSIBLE_VAULT;1.1;AES256
35346331316266373334396431303739373763643431366130313066353165616434613437633932
3539376664303831306631326430613966636536643834660a343965343931636637613838353031
35313962393738613362303931303139623238366565383531646133363738666532303863653133
3335393234303135630a363864343636353236343033643138626261323334306536646263353333
32636132623735656162666635656437313131643031636238306532373834663331`,
  `$ANSIBLE_VAULT;1.2;AES256;prod
63313463393564313866323461363037343938303565383736336633383533636538366437356365
3739663937373332383630323130333737333532666635310a356239326438326138356238303939
63346339366165393263663437366231616637343564346632326434616234346636323634653130
3339616430363432370a383636643338323333643862333666396136356663393038396230656663
64616133623162373361613964656665333062653336303935303935333664366632
`,
];

function opened(text: string, password = PASSWORD): string | undefined {
  const content = decryptEnvelope(parseEnvelope(text), password);
  return content && new TextDecoder().decode(content);
}

Deno.test("what ansible-vault made is decrypted, whatever the ends of its lines and its indentation", () => {
  for (const text of RECORDED) {
    equal(opened(text), TEXT);
    equal(opened(text.replaceAll("\n", "\r\n")), TEXT);
    equal(opened(text.replaceAll("\n", "\n      ")), TEXT);
  }
  deepStrictEqual(RECORDED.map((text) => parseEnvelope(text).label), ["default", "prod"]);
});

Deno.test("what is encrypted is decrypted to the same bytes, and never the same text twice", () => {
  for (const size of [0, 1, 15, 16, 17, 5000]) {
    const content = crypto.getRandomValues(new Uint8Array(size));
    const text = encryptBytes(content, PASSWORD, "prod");
    match(text, /^\$ANSIBLE_VAULT;1\.2;AES256;prod\n(?:[0-9a-f]{1,80}\n)+$/);
    deepStrictEqual(decryptEnvelope(parseEnvelope(text), PASSWORD), content);
    notEqual(text, encryptBytes(content, PASSWORD, "prod"));
  }
  match(encryptBytes(bytes("x"), PASSWORD), /^\$ANSIBLE_VAULT;1\.1;AES256\n/);
});

Deno.test("another password, and a changed byte, decrypt to nothing", () => {
  equal(opened(RECORDED[0], bytes("p4ss word")), undefined);
  const last = RECORDED[0].at(-1) === "1" ? "2" : "1";
  equal(opened(RECORDED[0].slice(0, -1) + last), undefined);
});

Deno.test("damage that can be seen is told", () => {
  const [header, ...lines] = RECORDED[0].split("\n");
  for (
    const text of [
      header,
      [header, ...lines.slice(0, -1)].join("\n"),
      RECORDED[0].slice(0, -3),
      [header, "no hex at all"].join("\n"),
      RECORDED[0].replace("1.1", "1.0"),
      RECORDED[0].replace("AES256", "AES"),
    ]
  ) throws(() => parseEnvelope(text), VaultFormatError);
});

Deno.test("an encrypted text is known by its first characters", () => {
  equal(isEncrypted(RECORDED[0]), true);
  equal(isEncrypted(bytes(RECORDED[1])), true);
  equal(isEncrypted(`x: !vault |\n  ${RECORDED[0]}`), false);
  equal(holdsEncrypted(`x: !vault |\n  ${RECORDED[0]}`), true);
  equal(isEncrypted(bytes("$ANSIBLE")), false);
});
