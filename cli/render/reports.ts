/**
 * The reports that a run leaves in files: JUnit's XML, and a page to read.
 *
 * @module
 */

import type { Event } from "../../engine/run/event.ts";
import { inputError } from "../../engine/support/diagnostic.ts";
import { reportsOf, type RunReport } from "../runs/report.ts";
import { htmlPage } from "./html.ts";
import { junitXml } from "./junit.ts";
import type { Renderer } from "./renderer.ts";

/** Where reports go: paths. */
export interface ReportFiles {
  /** Undefined for none. */
  readonly junit?: string;
  /** Undefined for none. */
  readonly html?: string;
}

/**
 * A renderer that writes reports at the end too.
 *
 * @throws {DiagnosticError} for a file that cannot be written; the run has not begun then
 */
export function withReports(render: Renderer, files: ReportFiles): Renderer {
  if (files.junit === undefined && files.html === undefined) return render;
  for (const [flag, path] of [["--junit", files.junit], ["--html", files.html]] as const) {
    if (path !== undefined) write(flag, path, "");
  }
  const events: Event[] = [];
  return {
    take(event) {
      events.push(event);
      render.take(event);
    },
    end() {
      render.end();
      writeReports(reportsOf(events), files);
    },
  };
}

/** Writes the reports that are asked for. @throws {DiagnosticError} for a file that cannot be written */
export function writeReports(reports: readonly RunReport[], { junit, html }: ReportFiles): void {
  if (junit !== undefined) write("--junit", junit, junitXml(reports));
  if (html !== undefined) write("--html", html, htmlPage(reports));
}

function write(flag: string, path: string, text: string): void {
  try {
    Deno.writeTextFileSync(path, text);
  } catch (error) {
    const reason = error instanceof Deno.errors.NotFound ? "there is no such folder" : (error as Error).message;
    throw inputError("flag", `${flag}: cannot write '${path}': ${reason}`);
  }
}
