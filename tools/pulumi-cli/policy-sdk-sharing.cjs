/*
 * Pulumi's policy SDK converts the properties of a resource for each rule that checks it, and those of all resources for
 * each rule that checks the stack. The rules of this project do not change what they receive, so all of them receive one
 * conversion: a third of the pack's CPU time.
 */

/**
 * Converts the properties of each message once.
 * @param deserialize Exports of the policy SDK's module deserialize.
 */
function shareProperties(deserialize) {
  const { deserializeProperties } = deserialize;
  const convert = remember((struct) => deserializeProperties(struct, false));
  // Only a rule that changes resources keeps what is a secret.
  deserialize.deserializeProperties = (struct, keepsSecrets) =>
    keepsSecrets ? deserializeProperties(struct, keepsSecrets) : convert(struct);
}

/**
 * Wraps the properties of each resource once, so that a rule recognizes properties that an earlier rule has read.
 * @param proxy Exports of the policy SDK's module proxy.
 */
function shareProxies(proxy) {
  proxy.unknownCheckingProxy = remember(proxy.unknownCheckingProxy);
}

/** A function of one object that keeps its results as long as the objects exist. */
function remember(compute) {
  const results = new WeakMap();
  return (object) => {
    if (!results.has(object)) results.set(object, compute(object));
    return results.get(object);
  };
}

module.exports = { shareProperties, shareProxies };
