// What is in deploy/ starts nodes that there are, with settings that there are.
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { expect } from "chai";
import { parse } from "yaml";

import { nodeSettings, variableOf } from "../../src/server/node-settings.ts";
import { calm } from "../programs/calm.ts";
import { project } from "../programs/folder.ts";

const textOf = (name: string): string => readFileSync(join(project, "deploy", name), "utf8");

/** The variables that an image sets. */
function imageVariables(): Record<string, string> {
  const [, line = ""] = /^ENV (.*)$/m.exec(textOf("Dockerfile")) ?? [];
  return Object.fromEntries(line.split(" ").map((pair) => pair.split("=") as [string, string]));
}

describe("deploy/", () => {
  it("compose.yaml starts three nodes of one store, each with a volume", async () => {
    type Service = {
      readonly command: readonly string[];
      readonly volumes: readonly string[];
      readonly environment: Readonly<Record<string, string>>;
    };
    const { services, volumes } = parse(textOf("compose.yaml"), { merge: true }) as {
      readonly services: Readonly<Record<string, Service>>;
      readonly volumes: object;
    };
    const names = Object.keys(services);
    expect(names).to.deep.equal(["a", "b", "c"]);
    for (const [name, { command, volumes: mounted, environment }] of Object.entries(services)) {
      expect(mounted).to.deep.equal([`${name}:/data`]);
      expect(volumes).to.have.property(name);
      expect(Object.keys(environment)).to.deep.equal(["CALM_TOKEN"]);
      const env = { ...imageVariables(), CALM_TOKEN: "secret" };
      const shown = await calm(["kv", ...command, "--print-config"], "", { env });
      expect(shown.code, shown.stderr).to.equal(0);
      const config = JSON.parse(shown.stdout) as Record<string, { value: unknown } | null>;
      expect(config["id"]?.value).to.equal(name);
      expect(config["data"]?.value).to.equal("/data");
      expect(config["listen"]?.value).to.equal("0.0.0.0:8080");
      const others = names.filter((other) => other !== name);
      expect(config["peer"]?.value).to.deep.equal(others.map((of) => `${of}=ws://${of}:8080`));
    }
  });

  it("the image and the unit set variables that there are, and run calm kv serve", () => {
    const known = nodeSettings.map(variableOf);
    const unit = textOf("calmdb.service");
    const set = [...unit.matchAll(/\b(CALM_[A-Z_]+)=/g)].map(([, name]) => name);
    expect(set).to.include.members(["CALM_DATA", "CALM_ID", "CALM_PEER"]);
    for (const name of [...set, ...Object.keys(imageVariables())]) expect(known).to.include(name);
    expect(unit).to.match(/^ExecStart=\/usr\/bin\/env calm kv serve$/m);
    const image = textOf("Dockerfile");
    expect(image).to.contain('ENTRYPOINT ["calm", "kv"]').and.contain('CMD ["serve"]');
  });
});
