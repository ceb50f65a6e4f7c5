/**
 * Hosts behind a delay: one proxy a host, which also counts round trips and bytes.
 * @module
 */

import { DelayProxy } from "../fleet/delay_proxy.ts";
import type { Target, Targets } from "./targets.ts";

/** What went over the wire, a host. */
export interface WireFigures {
  /** Round trips, those of the connection among them. */
  readonly roundTrips: number;
  /** Kilobytes to and from the host. */
  readonly kilobytes: number;
}

/** Proxies before some hosts. */
export class Wire implements AsyncDisposable {
  private constructor(readonly hosts: readonly Target[], private readonly proxies: readonly DelayProxy[]) {}

  /** Puts a proxy before each host. `rtt` is in milliseconds. */
  static async before(targets: Targets, hosts: readonly Target[], rtt: number): Promise<Wire> {
    const proxies = hosts.map(({ address, port }) =>
      DelayProxy.listen({ target: { hostname: address, port }, delay: rtt / 2 })
    );
    const ports = proxies.map((proxy) => proxy.address.port);
    await targets.know(ports);
    return new Wire(hosts.map((host, index) => ({ ...host, address: "127.0.0.1", port: ports[index] })), proxies);
  }

  /** What one run costs a host, on average. */
  async count(run: () => Promise<unknown>): Promise<WireFigures> {
    for (const proxy of this.proxies) proxy.resetCounts();
    await run();
    const sum = (figure: (proxy: DelayProxy) => number) =>
      this.proxies.reduce((total, proxy) => total + figure(proxy), 0) / this.proxies.length;
    return {
      roundTrips: sum((proxy) => proxy.roundTrips),
      kilobytes: sum((proxy) => proxy.bytesUp + proxy.bytesDown) / 1024,
    };
  }

  /** Takes the proxies away. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.proxies.map((proxy) => proxy.close()));
  }
}
