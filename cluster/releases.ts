/**
 * The releases that aami knows how to install: where a project puts them, and how they are checked. The built-in
 * playbooks hold the same versions as variables; a test keeps the two together.
 *
 * @module
 */

/** A processor architecture as release archives name it. */
export type Architecture = "amd64" | "arm64";

/** A component of the monitoring stack that comes as a release archive. */
export interface Component {
  /** Its name, which is the project's and the main program's. */
  readonly name: string;
  /** Its name for people. */
  readonly title: string;
  /** OWNER/NAME on the forge. */
  readonly project: string;
  /** The unit, the package and the init script, under Debian's name. */
  readonly unit: string;
  /** What of the archive is put on the PATH; the first is the service's program. */
  readonly binaries: readonly string[];
  /** The version that is installed unless another is asked for. */
  readonly version: string;
  /** The digests that we have checked ourselves. None is invented: without one, the release's own list is taken. */
  readonly sha256: Readonly<Partial<Record<Architecture, string>>>;
}

/** The components, in the order they are installed. */
export const COMPONENTS: readonly Component[] = [
  {
    name: "node_exporter",
    title: "Node exporter",
    project: "prometheus/node_exporter",
    unit: "prometheus-node-exporter",
    binaries: ["node_exporter"],
    version: "1.9.1",
    sha256: {},
  },
  {
    name: "alertmanager",
    title: "Alertmanager",
    project: "prometheus/alertmanager",
    unit: "prometheus-alertmanager",
    binaries: ["alertmanager", "amtool"],
    version: "0.33.0",
    sha256: {},
  },
  {
    name: "prometheus",
    title: "Prometheus",
    project: "prometheus/prometheus",
    unit: "prometheus",
    binaries: ["prometheus", "promtool"],
    version: "3.15.0",
    sha256: {},
  },
];

/** The forge, and the default of the playbooks' `release_mirror`. */
export const FORGE = "https://github.com";

/** Where a release lies. */
export interface ReleaseAddress {
  /** The archive's top folder. */
  readonly folder: string;
  /** The archive's URL. */
  readonly archive: string;
  /** The release's own list of digests. */
  readonly checksums: string;
}

/** Where a component's release lies on a forge or a mirror that is laid out like it. */
export function releaseAddress(
  component: Component,
  architecture: Architecture,
  version = component.version,
  mirror = FORGE,
): ReleaseAddress {
  const base = `${mirror.replace(/\/+$/, "")}/${component.project}/releases/download/v${version}`;
  const folder = `${component.name}-${version}.linux-${architecture}`;
  return { folder, archive: `${base}/${folder}.tar.gz`, checksums: `${base}/sha256sums.txt` };
}

/** The digest of a file in a list as sha256sum writes it, or undefined where the list does not have it. */
export function digestIn(checksums: string, file: string): string | undefined {
  for (const line of checksums.split("\n")) {
    const [, digest, name] = /^([0-9a-f]{64}) [ *](.+?)\r?$/i.exec(line) ?? [];
    if (name === file) return digest.toLowerCase();
  }
  return undefined;
}
