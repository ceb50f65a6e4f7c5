/** Settings from a text, as the configuration has them. */
import { type AlertSettings, readAlertSettings, type ReadSettings } from "../../../../cluster/alerts/settings.ts";
import { entryOf, parseYaml } from "../../../../engine/support/yaml.ts";

/** Reads `alerts` and `groups` of a text. */
export function readText(text: string): ReadSettings {
  const root = parseYaml({ path: "config.yaml", text });
  if (root?.kind !== "map") throw new Error("the sample is a mapping");
  return readAlertSettings(entryOf(root, "alerts")?.value, entryOf(root, "groups")?.value);
}

/** The settings alone. */
export function settingsOf(text: string): AlertSettings {
  return readText(text).settings;
}

/** Two groups with limits of their own, one with a group below it, as a site would write them. */
export const SITE = `
alerts:
  presets: [gpu-basic, node]
  rules:
    gpu_temperature_critical: { threshold: 88 }
groups:
  production:
    alerts:
      high_cpu_usage: { threshold: 80, for: 5m }
      gpu_temperature_critical:
        threshold: 83
        where:
          - { label: gpu_type, is: a100, threshold: 80 }
  training:
    parent: production
  inference:
    parent: production
    alerts:
      gpu_temperature_critical: { for: 2m }
  development:
    alerts:
      high_cpu_usage: { threshold: 95, for: 10m, severity: info }
      node_rebooted: false
`;
