/*
 * Pulumi's runner maps every stack trace through source maps, and its SDK takes one for each resource: that reads
 * the maps of all packages, and doubles the memory of a preview. Node strips the types of this program in
 * place, so the positions it reports are right as they are.
 */
Reflect.deleteProperty(Error, "prepareStackTrace");
