import { testModule } from "./harness.ts";

testModule("dpkg_selections", [
  { name: "a package that is not there", args: "name: fleet-probe\nselection: hold", fails: /^dpkg knows no package/ },
  {
    name: "a package is held, and apt leaves it",
    prepare: "apt-get -qq -y install fleet-probe=1.0 >/dev/null 2>&1",
    args: "name: fleet-probe\nselection: hold",
    changes: ["package fleet-probe selection: install -> hold"],
    verify: `apt-mark showhold | grep -qx fleet-probe; apt-get -qq -y upgrade >/dev/null 2>&1
      test "$(cat /usr/share/fleet-probe/version)" = 1.0`,
    drift: [{ name: "let go by hand", by: "apt-mark unhold fleet-probe" }],
  },
  {
    name: "and let go",
    args: "name: fleet-probe\nselection: install",
    verify: "! apt-mark showhold | grep -qx fleet-probe",
  },
]);
