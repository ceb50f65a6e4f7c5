import { testModule } from "./harness.ts";

testModule("ping", [
  { name: "a host that can be reached answers", args: "{}", changes: [], result: { ping: "pong" } },
  { name: "it answers what was asked", args: "data: hello", result: { ping: "hello" } },
  { name: "data: crash fails", args: "data: crash", fails: /^boom$/ },
]);
