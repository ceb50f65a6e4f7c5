import { deepStrictEqual, equal } from "node:assert/strict";
import { REDACTED, Redactor } from "../../../engine/support/redact.ts";

function knowing(...secrets: string[]): Redactor {
  const redactor = new Redactor();
  for (const secret of secrets) redactor.add(secret);
  return redactor;
}

const base64 = (text: string) => new TextEncoder().encode(text).toBase64();

Deno.test("without secrets every value passes as it is", () => {
  const redactor = new Redactor();
  const value = { a: ["b"] };
  equal(redactor.active, false);
  equal(redactor.value(value), value);
  equal(redactor.text("text"), "text");
});

Deno.test("a secret is taken out in every form", () => {
  const secret = 'it\'s 50% "ok"\\ & more';
  const redactor = knowing(secret);
  for (
    const form of [
      secret,
      JSON.stringify(secret).slice(1, -1),
      `'${secret.replaceAll("'", "'\\''")}'`.slice(1, -1),
      encodeURIComponent(secret),
      encodeURIComponent(secret).replaceAll("%20", "+"),
    ]
  ) equal(redactor.text(`<${form}>`), `<${REDACTED}>`, form);
});

Deno.test("of base64 no character is left that tells of the secret, wherever it stands in what was encoded", () => {
  const secret = "Zebra-crossing_77>>?";
  const redactor = knowing(secret);
  for (const before of ["", "u", "u:", "us:", "user:"]) {
    for (const after of ["", "x", "xy", "xyz"]) {
      const encoded = base64(before + secret + after);
      const left = redactor.text(encoded).replace(REDACTED, "");
      // What is left holds bits of at most one byte of the secret at each end.
      equal(left.length <= Math.ceil((before.length + after.length + 2) * 4 / 3) + 4, true, left);
      equal(redactor.holds(encoded.replaceAll("+", "-").replaceAll("/", "_")), true);
    }
  }
});

Deno.test("a secret of several lines is taken out line by line, without its indentation", () => {
  const redactor = knowing("-----BEGIN-----\n  first line\nx\n-----END-----\n");
  equal(redactor.text("got 'first line' and x"), `got '${REDACTED}' and x`);
});

Deno.test("short texts, plain words and blanks are no secrets", () => {
  const redactor = knowing("abc", "    ", "", "true", "None");
  equal(redactor.active, false);
});

Deno.test("of a secret within another no rest is left", () => {
  equal(knowing("pass", "password1").text("my password1!"), `my ${REDACTED}!`);
});

Deno.test("what is left of a secret where a text was cut is taken out too", () => {
  const redactor = knowing("Zebra-crossing");
  equal(redactor.text("a long line with Zebra-cr… and so on"), `a long line with ${REDACTED}… and so on`);
  equal(redactor.text("…crossing at noon"), `…${REDACTED} at noon`);
  equal(redactor.text("nothing here… at all"), "nothing here… at all");
});

Deno.test("values are walked: keys, items, and numbers that are secret", () => {
  const redactor = knowing("Zebra-crossing", "123456");
  deepStrictEqual(redactor.value({ "Zebra-crossing": [1, 123456, null, true, { a: "xZebra-crossing" }] }), {
    [REDACTED]: [1, REDACTED, null, true, { a: `x${REDACTED}` }],
  });
});

Deno.test("a decrypted value is found with its place; one that was only given is not", () => {
  const redactor = new Redactor();
  redactor.add("Zebra-crossing", "vars.yml:1:4");
  redactor.add("vagrant");
  equal(redactor.decryptedIn("mysql -pZebra-crossing"), "vars.yml:1:4");
  equal(redactor.decryptedIn("chown vagrant"), undefined);
  redactor.add("Zebra-crossing");
  equal(redactor.decryptedIn("Zebra-crossing"), "vars.yml:1:4");
});
