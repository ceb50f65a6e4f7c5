import { testModule } from "./harness.ts";

testModule("hostname", [
  {
    name: "by /etc/hostname and the kernel",
    args: "name: gpu001.cluster.example\nuse: file",
    changes: [
      "hostname running: node1 -> gpu001.cluster.example",
      "/etc/hostname name: node1 -> gpu001.cluster.example",
    ],
    verify: "test $(uname -n) = gpu001.cluster.example; test $(cat /etc/hostname) = gpu001.cluster.example",
    result: { name: "gpu001.cluster.example" },
    drift: [
      { name: "another running name", by: "hostname other" },
      { name: "another name at boot", by: "echo other > /etc/hostname" },
      { name: "no name at boot", by: "rm /etc/hostname" },
    ],
  },
  {
    name: "the way of the host",
    args: "name: gpu002",
    verify: "test $(uname -n) = gpu002; test $(cat /etc/hostname) = gpu002",
    drift: [{ name: "both", by: "hostname other; echo other > /etc/hostname" }],
  },
]);
