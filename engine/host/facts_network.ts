/**
 * Facts of the network: interfaces, addresses, the way out.
 *
 * @module
 */

import type { Sections } from "./facts_system.ts";

interface Link {
  readonly name: string;
  readonly macaddress: string;
  readonly mtu: number;
  readonly active: boolean;
  readonly type: string;
}

interface Address {
  readonly interface: string;
  readonly family: "inet" | "inet6";
  readonly address: string;
  readonly prefix: number;
  readonly broadcast: string;
  readonly scope: string;
}

interface Way {
  readonly interface?: string;
  readonly gateway?: string;
  readonly source?: string;
}

/** ARPHRD numbers of /sys/class/net/NAME/type. */
const LINK_TYPES: Readonly<Record<string, string>> = {
  "1": "ether",
  "32": "infiniband",
  "772": "loopback",
  "65534": "tunnel",
};

/** The facts of interfaces, addresses and default routes. */
export function networkFacts(sections: Sections): Record<string, unknown> {
  const links = parseLinks(sections.get("links") ?? "");
  const fromIp = parseAddresses(sections.get("addresses") ?? "");
  const addresses = fromIp.length > 0 ? fromIp : kernelAddresses(sections);
  const names = [...new Set([...links.map((link) => link.name), ...addresses.map((each) => each.interface)])];
  const shownAddresses = (family: Address["family"]) =>
    addresses.filter((each) => each.family === family && !each.address.startsWith("127.") && each.address !== "::1");
  return {
    interfaces: names.filter((name) => name !== ""),
    all_ipv4_addresses: shownAddresses("inet").map((each) => each.address),
    all_ipv6_addresses: shownAddresses("inet6").map((each) => each.address),
    default_ipv4: defaultFact("inet", way4(sections), links, addresses),
    default_ipv6: defaultFact("inet6", parseWay(sections.get("route6") ?? ""), links, addresses),
    dns: resolvers(sections.get("resolv") ?? ""),
    ...Object.fromEntries(links.map((link) => [link.name.replace(/[-:.]/g, "_"), interfaceFact(link, addresses)])),
  };
}

function parseLinks(text: string): Link[] {
  return text.split("\n").filter((line) => line.includes("|")).map((line) => {
    const [name, macaddress, mtu, state, type] = line.split("|");
    // A loopback's state is "unknown", and it is up.
    return { name, macaddress, mtu: Number(mtu), active: state !== "down", type: LINK_TYPES[type] ?? type };
  });
}

/** The lines of `ip -o addr`. */
function parseAddresses(text: string): Address[] {
  return text.split("\n").flatMap((line) => {
    const found = /^\d+:\s+(\S+)\s+(inet6?)\s+([^/\s]+)(?:\s+peer\s+\S+?)?(?:\/(\d+))?\s/.exec(`${line} `);
    if (!found) return [];
    const [, name, family, address, prefix] = found;
    return [{
      interface: name.replace(/@.*$/, ""),
      family: family as Address["family"],
      address,
      prefix: Number(prefix ?? (family === "inet" ? 32 : 128)),
      broadcast: /\sbrd (\S+)/.exec(line)?.[1] ?? "",
      scope: /\sscope (\S+)/.exec(line)?.[1] ?? "",
    }];
  });
}

/** Addresses as the kernel shows them in /proc, for hosts without `ip`. */
function kernelAddresses(sections: Sections): Address[] {
  const networks = routeTable(sections.get("route-table") ?? "").filter((route) => route.prefix > 0);
  const local = /(\d+\.\d+\.\d+\.\d+)\s+\/32 host LOCAL/g;
  const found = new Set([...(sections.get("local-addresses") ?? "").matchAll(local)].map((match) => match[1]));
  const four = [...found].flatMap((address): Address[] => {
    if (address.startsWith("127.")) return [];
    const route = networks.find((each) => masked(address, each.prefix) === each.network);
    const { interface: name = "", prefix = 32 } = route ?? {};
    return [{ interface: name, family: "inet", address, prefix, broadcast: "", scope: "global" }];
  });
  const six = (sections.get("inet6-addresses") ?? "").split("\n").flatMap((line): Address[] => {
    const [hex, , prefix, scope, , name] = line.trim().split(/\s+/);
    if (!name) return [];
    const address = shortIpv6(hex);
    const scopes: Record<string, string> = { "00": "global", "10": "host", "20": "link" };
    return [{
      interface: name,
      family: "inet6",
      address,
      prefix: parseInt(prefix, 16),
      broadcast: "",
      scope: scopes[scope] ?? "",
    }];
  });
  return [...four, ...six];
}

/** Shortens 32 hex digits to the usual form; the URL parser knows the rules. */
function shortIpv6(hex: string): string {
  return new URL(`http://[${hex.replace(/(.{4})(?=.)/g, "$1:")}]`).hostname.slice(1, -1);
}

interface Route {
  readonly interface: string;
  readonly network: string;
  readonly gateway: string;
  readonly prefix: number;
}

/** /proc/net/route: addresses are hex in the byte order of the machine, little-endian on all that run here. */
function routeTable(text: string): Route[] {
  return text.split("\n").slice(1).filter((line) => line.trim() !== "").map((line) => {
    const [name, destination, gateway, , , , , mask] = line.trim().split(/\s+/);
    const bits = parseInt(mask, 16).toString(2).replaceAll("0", "").length;
    return { interface: name, network: hexAddress(destination), gateway: hexAddress(gateway), prefix: bits };
  });
}

function hexAddress(hex: string): string {
  return hex.match(/../g)?.reverse().map((byte) => parseInt(byte, 16)).join(".") ?? "";
}

function way4(sections: Sections): Way {
  const way = parseWay(sections.get("route4") ?? "");
  if (way.interface) return way;
  const route = routeTable(sections.get("route-table") ?? "").find((each) => each.prefix === 0);
  return route ? { interface: route.interface, gateway: route.gateway } : {};
}

/** The words of `ip route get` and `ip route show default`. */
function parseWay(text: string): Way {
  const word = (name: string) => new RegExp(`\\s${name} (\\S+)`).exec(text)?.[1];
  if (/^(unreachable|prohibit|RTNETLINK)/.test(text) || word("dev") === undefined || word("dev") === "lo") return {};
  return { interface: word("dev"), gateway: word("via"), source: word("src") };
}

function defaultFact(
  family: Address["family"],
  way: Way,
  links: readonly Link[],
  addresses: readonly Address[],
): Record<string, unknown> {
  if (!way.interface) return {};
  const own = addresses.filter((each) => each.family === family && each.interface === way.interface);
  const address = own.find((each) => each.address === way.source) ?? own.find((each) => each.scope === "global") ??
    own[0];
  const link = links.find((each) => each.name === way.interface);
  return {
    interface: way.interface,
    ...(way.gateway && { gateway: way.gateway }),
    ...(address && addressFact(address)),
    ...(link && { macaddress: link.macaddress, mtu: link.mtu, type: link.type }),
  };
}

function addressFact(address: Address): Record<string, unknown> {
  const { prefix, scope } = address;
  if (address.family === "inet6") return { address: address.address, prefix: String(prefix), scope };
  return {
    address: address.address,
    netmask: masked("255.255.255.255", prefix),
    network: masked(address.address, prefix),
    prefix: String(prefix),
    broadcast: address.broadcast,
  };
}

function interfaceFact(link: Link, addresses: readonly Address[]): Record<string, unknown> {
  const own = addresses.filter((each) => each.interface === link.name);
  const [first, ...more] = own.filter((each) => each.family === "inet").map(addressFact);
  const six = own.filter((each) => each.family === "inet6").map(addressFact);
  return {
    device: link.name,
    active: link.active,
    type: link.type,
    mtu: link.mtu,
    ...(link.type === "loopback" ? {} : { macaddress: link.macaddress }),
    ...(first && { ipv4: first }),
    ...(more.length > 0 && { ipv4_secondaries: more }),
    ...(six.length > 0 && { ipv6: six }),
  };
}

function masked(address: string, prefix: number): string {
  return address.split(".").map((byte, index) => {
    const bits = Math.max(0, Math.min(8, prefix - index * 8));
    return Number(byte) & (0xff00 >> bits) & 0xff;
  }).join(".");
}

function resolvers(text: string): Record<string, unknown> {
  const words = (name: string) =>
    text.split("\n").map((line) => line.trim().split(/\s+/)).filter((line) => line[0] === name).flatMap((line) =>
      line.slice(1)
    );
  const search = words("search");
  return { nameservers: words("nameserver"), ...(search.length > 0 && { search }) };
}
