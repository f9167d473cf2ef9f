import assert from "node:assert/strict";
import { ContainerImage } from "../../components/ContainerImage.ts";
import { contentTag } from "../../components/content-tag.ts";
import { digest, promiseOf, run, unknown } from "./mocks.ts";
import { at } from "./value.ts";

const buildArgs = { ETCD_IMAGE: "etcd:v3.6.14", NODE_IMAGE: "node:24" };
const built = {
  registry: "registry.test:5000/team",
  build: { image: "etcd-member", folder: "member", buildArgs },
  context: { folder: "build/member", hash: "0123456789ab" },
};

const dockerImage = "docker:index/image:Image";

describe("ContainerImage, as it registers itself (mocks: nothing is built)", () => {
  it("builds the context with the build arguments, under a tag that names the content", async () => {
    const { recording } = await run(() => new ContainerImage("etcd-member", built));
    const { parent, inputs } = recording.one(dockerImage);
    assert.equal(parent, recording.one("etcd:index:ContainerImage").urn);
    assert.equal(inputs["imageName"], `registry.test:5000/team/etcd-member:${contentTag(built.context, buildArgs)}`);
    assert.equal(at(inputs, "build.context"), "build/member");
    assert.equal(at(inputs, "build.dockerfile"), "build/member/Dockerfile");
    assert.deepEqual(at(inputs, "build.args"), buildArgs);
  });

  it("is referred to by the digest that the push gave", async () => {
    const { result, recording } = await run(() => new ContainerImage("etcd-member", built));
    const reference = `registry.test:5000/team/etcd-member@${digest}`;
    assert.equal(await promiseOf(result.reference), reference);
    assert.deepEqual(recording.one("etcd:index:ContainerImage").outputs, { reference });
  });

  it("is not known yet in a preview that would build it: a pod must not show a digest that never was", async () => {
    const { recording } = await run(() => new ContainerImage("etcd-member", built), { preview: true });
    assert.deepEqual(recording.one("etcd:index:ContainerImage").outputs, { reference: unknown });
  });

  it("needs no Docker when it exists already", async () => {
    const prebuilt = `registry.test/etcd-member@${digest}`;
    const { result, recording } = await run(() => new ContainerImage("etcd-member", { prebuilt }));
    assert.equal(await promiseOf(result.reference), prebuilt);
    assert.deepEqual(
      recording.resources.map(({ type }) => type),
      ["etcd:index:ContainerImage"],
    );
  });

  it("has another tag when the sources or the base images are others, and the same for the same in any order", () => {
    const { ETCD_IMAGE, NODE_IMAGE } = buildArgs;
    const tag = contentTag(built.context, buildArgs);
    const others = [
      contentTag({ hash: "ba9876543210" }, buildArgs),
      contentTag(built.context, { ETCD_IMAGE: "etcd:v3.7.1", NODE_IMAGE }),
    ];
    assert.equal(new Set([tag, ...others]).size, 3);
    assert.equal(contentTag(built.context, { NODE_IMAGE, ETCD_IMAGE }), tag);
    assert.match(tag, /^[0-9a-f]{12}$/);
  });
});
