import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { parse } from "yaml";
import { defaults, parseSettings, SettingsError } from "../../../components/settings.ts";

type Given = Readonly<Record<string, string>>;

const least = { "etcd:context": "here", "etcd:registry": "localhost:5000" };
const digest = `sha256:${"0".repeat(64)}`;

function problems(given: Given): readonly string[] {
  try {
    parseSettings({ ...least, ...given });
  } catch (error) {
    if (error instanceof SettingsError) return error.problems;
    throw error;
  }
  return [];
}

/** That the settings are refused with exactly this one sentence. */
function refuses(given: Given, sentence: string): void {
  assert.deepEqual(problems(given), [sentence]);
}

describe("settings", () => {
  it("have the same keys, types and defaults in Pulumi.yaml, which Pulumi reads, as in the program", () => {
    const { config } = parse(readFileSync("Pulumi.yaml", "utf8")) as {
      config: Record<string, { type: string; description: string; default?: unknown }>;
    };
    const declared = Object.entries(config).filter(([key]) => key !== "etcd:context");
    assert.deepEqual(
      Object.fromEntries(declared.map(([key, { default: value }]) => [key, value])),
      Object.fromEntries(Object.entries(defaults).map(([key, value]) => [`etcd:${key}`, value])),
    );
    const typeOf = (value: unknown) => {
      if (Array.isArray(value)) return "array";
      return typeof value === "number" ? "integer" : typeof value;
    };
    for (const [key, { type, default: value }] of declared) assert.equal(type, typeOf(value), key);
    assert.ok(
      config["etcd:context"] !== undefined && !("default" in config["etcd:context"]),
      "a context must be named",
    );
  });

  it("are the defaults where nothing is set", () => {
    const { settings, remarks } = parseSettings(least);
    assert.deepEqual(settings.resources, defaults.resources);
    assert.equal(settings.replicas, 3);
    assert.equal(settings.networkPolicy, true);
    assert.equal(settings.storageClass, undefined);
    assert.deepEqual(settings.imagePullSecrets, []);
    assert.deepEqual(settings.memberImage, { registry: "localhost:5000" });
    assert.deepEqual(remarks, []);
  });

  it("are read as what they mean", () => {
    const { settings } = parseSettings({
      ...least,
      "etcd:replicas": "5",
      "etcd:networkPolicy": "false",
      "etcd:clientReplicas": "0",
      "etcd:storageClass": "fast-ssd",
      "etcd:imagePullSecrets": '["registry-key","a.b"]',
      "etcd:topologySpread": "topology.kubernetes.io/zone",
      "etcd:resources": '{"requests":{"cpu":2,"memory":"1Gi"}}',
      "etcd:clientImage": `registry.test/etcd-client@${digest}`,
    });
    assert.equal(settings.replicas, 5);
    assert.equal(settings.networkPolicy, false);
    assert.equal(settings.clientReplicas, 0);
    assert.equal(settings.storageClass, "fast-ssd");
    assert.deepEqual(settings.imagePullSecrets, ["registry-key", "a.b"]);
    assert.equal(settings.topologySpread, "topology.kubernetes.io/zone");
    assert.deepEqual(settings.resources, { requests: { cpu: "2", memory: "1Gi" }, limits: {} });
    assert.deepEqual(settings.clientImage, { prebuilt: `registry.test/etcd-client@${digest}` });
  });

  it("of other projects and packages are none of ours", () => {
    assert.deepEqual(problems({ "kubernetes:context": "there", "other:replicas": "many" }), []);
  });

  it("need no registry when both images exist", () => {
    const images = { "etcd:memberImage": `a/member@${digest}`, "etcd:clientImage": `a/client@${digest}` };
    assert.deepEqual(problems({ ...images, "etcd:registry": "" }), []);
    assert.equal(problems({ "etcd:memberImage": `a/member@${digest}`, "etcd:registry": "" }).length, 1);
  });

  it("remark on an even number of members without refusing it", () => {
    assert.deepEqual(parseSettings({ ...least, "etcd:replicas": "4" }).remarks, [
      "etcd:replicas is 4, which survives no more failed members than 3 do: an odd number is better.",
    ]);
  });

  it("remark on an etcd version that lacks security fixes", () => {
    assert.deepEqual(parseSettings({ ...least, "etcd:etcdVersion": "v3.6.12" }).remarks, [
      'etcd:etcdVersion is "v3.6.12", which lacks security fixes that v3.6.14 has: type `pulumi config set etcd:etcdVersion v3.6.14` when you can.',
    ]);
  });

  it("are all read: no number of members but the given one comes out", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9 }), (replicas) => {
        assert.equal(parseSettings({ ...least, "etcd:replicas": `${replicas}` }).settings.replicas, replicas);
      }),
    );
  });

  it("are refused or read, never anything else, whatever text is given", () => {
    const keys = Object.keys(defaults).map((key) => `etcd:${key}`);
    fc.assert(
      fc.property(fc.constantFrom(...keys), fc.string(), (key, text) => {
        for (const sentence of problems({ [key]: text })) {
          assert.ok(sentence.startsWith("etcd:"), sentence);
          assert.ok(sentence.endsWith("."), sentence);
        }
      }),
    );
  });
});

describe("a wrong setting is refused with one sentence", () => {
  it("for the number of members", () => {
    for (const [given, shown] of [
      ["three", '"three"'],
      ["10", "10"],
      ["3.5", "3.5"],
      ["-1", "-1"],
      ["0x3", '"0x3"'],
      ["", '""'],
    ] as const) {
      refuses(
        { "etcd:replicas": given },
        `etcd:replicas is ${shown}, but must be a whole number from 1 to 9: type \`pulumi config set etcd:replicas 3\`.`,
      );
    }
    refuses(
      { "etcd:replicas": "0" },
      "etcd:replicas is 0, but must be a whole number from 1 to 9: `pulumi config set etcd:hibernate true` lets the cluster rest with its data kept, `pulumi destroy` takes it away.",
    );
  });

  it("for the volumes' size", () => {
    refuses(
      { "etcd:storageSize": "1Gb" },
      'etcd:storageSize is "1Gb", but must be a Kubernetes quantity: type `pulumi config set etcd:storageSize 1Gi`.',
    );
    refuses(
      { "etcd:storageSize": "20 GB" },
      'etcd:storageSize is "20 GB", but must be a Kubernetes quantity: type `pulumi config set etcd:storageSize 20Gi`.',
    );
    refuses(
      { "etcd:storageSize": "100Mi" },
      'etcd:storageSize is "100Mi", but must be at least 256Mi, because etcd sets aside 64 MiB for each log file: type `pulumi config set etcd:storageSize 1Gi`.',
    );
  });

  it("for the etcd version", () => {
    refuses(
      { "etcd:etcdVersion": "v3.6.8" },
      'etcd:etcdVersion is "v3.6.8", which can answer reads with stale data after a pause of the process (fixed in v3.6.9), but must be a release from v3.5.28 or v3.6.9 on: type `pulumi config set etcd:etcdVersion v3.6.14`.',
    );
    refuses(
      { "etcd:etcdVersion": "latest" },
      'etcd:etcdVersion is "latest", which is no exact release, but must be a release from v3.5.28 or v3.6.9 on: type `pulumi config set etcd:etcdVersion v3.6.14`.',
    );
  });

  it("for names", () => {
    const rule = 'lower-case letters, digits and "-", beginning with a letter and ending with a letter or digit';
    refuses({ "etcd:name": "Etcd" }, `etcd:name is "Etcd", but must be 1 to 52 ${rule}: choose such a name.`);
    refuses(
      { "etcd:peerServiceName": "9" },
      `etcd:peerServiceName is 9, but must be 1 to 63 ${rule}: choose such a name.`,
    );
    assert.equal(problems({ "etcd:name": "x".repeat(53) }).length, 1);
    assert.equal(problems({ "etcd:name": "x".repeat(52) }).length, 0);
    refuses(
      { "etcd:clientServiceName": "etcd" },
      'etcd:clientServiceName is "etcd", but must differ from etcd:peerServiceName: type `pulumi config set etcd:clientServiceName etcd-client`.',
    );
  });

  it("for a namespace that is not the stack's to delete", () => {
    refuses(
      { "etcd:namespace": "default" },
      'etcd:namespace is "default", but must be a namespace of the stack\'s own, because `pulumi destroy` takes it away with all that is in it: type `pulumi config set etcd:namespace etcd`, or `pulumi config set etcd:createNamespace false` for one that stays.',
    );
    assert.deepEqual(problems({ "etcd:namespace": "default", "etcd:createNamespace": "false" }), []);
    refuses(
      { "etcd:namespace": "kube-system", "etcd:createNamespace": "false" },
      'etcd:namespace is "kube-system", but must not be one of Kubernetes\' own namespaces: type `pulumi config set etcd:namespace etcd`.',
    );
  });

  it("for a pull policy", () => {
    refuses(
      { "etcd:imagePullPolicy": "never" },
      'etcd:imagePullPolicy is "never", but must be IfNotPresent, Always or Never: type `pulumi config set etcd:imagePullPolicy Never`.',
    );
  });

  it("for pull secrets", () => {
    const list = "must be a list: type `pulumi config set --path 'etcd:imagePullSecrets[0]' registry-key`";
    for (const [given, wrong] of [
      ["registry-key", `"registry-key", but ${list}`],
      ["", `"", but ${list}`],
      ['{"name":"registry-key"}', `{"name":"registry-key"}, but ${list}`],
      ['[{"name":"registry-key"}]', `[{"name":"registry-key"}], but ${list}`],
      ["[7]", `[7], but ${list}`],
      [
        '["a","My_Key"]',
        '["a","My_Key"], but "My_Key" must be lower-case letters, digits, "-" and ".", such as "registry-key": choose such a name',
      ],
      ['["a","b","a"]', '["a","b","a"], but must have "a" only once: take the other away'],
    ] as const) {
      refuses({ "etcd:imagePullSecrets": given }, `etcd:imagePullSecrets is ${wrong}.`);
    }
  });

  it("for a key of a project whose name is nearly this one's: nobody else would tell", () => {
    refuses(
      { "ectd:replica": "5" },
      'ectd:replica is not a setting of this project, whose settings begin with "etcd:": did you mean etcd:replicas? `pulumi config rm ectd:replica` takes it away.',
    );
  });

  it("for resources", () => {
    refuses(
      { "etcd:resources": '{"requests":{"cpu":"1"},"limits":{"cpu":"500m"}}' },
      'etcd:resources is {"requests":{"cpu":"1"},"limits":{"cpu":"500m"}}, but limits.cpu (500m) must not be below requests.cpu (1): raise the limit.',
    );
    const advice = "write it in the stack's settings file as requests and limits of cpu, memory and ephemeral-storage.";
    for (const [given, wrong] of [
      ['{"requests":{"memory":"1Gb"}}', "requests.memory must be a Kubernetes quantity above 0, such as 1Gi"],
      ['{"requests":{"memory":0}}', "requests.memory must be a Kubernetes quantity above 0, such as 256Mi"],
      ['{"limits":{"gpu":1}}', "limits.gpu is not one of cpu, memory, ephemeral-storage"],
      ['{"cpu":1}', "cpu is neither requests nor limits"],
      ['{"limits":3}', "limits must be a map of cpu, memory, ephemeral-storage to quantities"],
    ] as const) {
      refuses({ "etcd:resources": given }, `etcd:resources is ${given}, but ${wrong}: ${advice}`);
    }
    refuses({ "etcd:resources": "big" }, `etcd:resources is "big", but must be a map: ${advice}`);
  });

  it("for images and registries", () => {
    refuses(
      { "etcd:registry": "https://ghcr.io/me/" },
      'etcd:registry is "https://ghcr.io/me/", but must be host[:port][/path] without a scheme: type `pulumi config set etcd:registry ghcr.io/me`.',
    );
    refuses(
      { "etcd:registry": "" },
      'etcd:registry is "", but must name the registry to push the images to: type `pulumi config set etcd:registry HOST[:PORT][/PATH]`, or set etcd:memberImage and etcd:clientImage to images that exist.',
    );
    for (const given of [
      { "etcd:etcdImage": "gcr.io/etcd-development/etcd:v3.6.14" },
      { "etcd:nodeImage": "node" },
      { "etcd:nodeImage": "node:latest" },
      { "etcd:memberImage": "localhost:5000/etcd-member:1" },
      { "etcd:clientImage": `localhost:5000/etcd-client@${digest}0` },
    ]) {
      assert.equal(problems(given).length, 1, JSON.stringify(given));
    }
  });

  it("for refusals to overrule", () => {
    const overrule = (text: string) => parseSettings({ ...least, "etcd:overrule": text }).settings.overrule;
    assert.deepEqual(overrule(""), []);
    assert.deepEqual(overrule("alarm, member-down"), ["member-down", "alarm"]);
    refuses(
      { "etcd:overrule": "alarms" },
      'etcd:overrule is "alarms", but must be some of no-quorum, member-down, alarm with commas between them: type `pulumi config set etcd:overrule no-quorum`.',
    );
  });

  it("for the rest", () => {
    refuses(
      { "etcd:networkPolicy": "yes" },
      'etcd:networkPolicy is "yes", but must be true or false: type `pulumi config set etcd:networkPolicy true`.',
    );
    refuses(
      { "etcd:context": "" },
      'etcd:context is "", but must be a context of your kubeconfig (`kubectl config get-contexts -o name` lists them): type `pulumi config set etcd:context NAME`.',
    );
    refuses(
      { "etcd:clientReplicas": "-1" },
      "etcd:clientReplicas is -1, but must be a whole number from 0 to 100: type `pulumi config set etcd:clientReplicas 2`.",
    );
    for (const given of [
      { "etcd:clusterDomain": "a..b" },
      { "etcd:storageClass": "Fast" },
      { "etcd:topologySpread": "a b" },
    ]) {
      assert.equal(problems(given).length, 1, JSON.stringify(given));
    }
  });

  it("for a key that nothing reads, with the key that was probably meant", () => {
    refuses(
      { "etcd:replica": "5" },
      "etcd:replica is not a setting of this project, but every key must be one: did you mean etcd:replicas? `pulumi config rm etcd:replica` takes it away.",
    );
    assert.match(problems({ "etcd:Storage-size": "5Gi" })[0] ?? "", /did you mean etcd:storageSize\?/);
  });

  it("and several with one each", () => {
    const given = { "etcd:replicas": "three", "etcd:storageSize": "1Gb", "etcd:namspace": "x" };
    assert.equal(problems(given).length, 3);
    assert.throws(() => parseSettings({ ...least, ...given }), { message: problems(given).join("\n") });
  });
});
