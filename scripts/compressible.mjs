// Loaded before Next (node --import). Next hands the headers of route handlers to Node as lists, and its own compression
// then fails to recognize the content type, so JSON went out uncompressed (vercel/next.js#98007). A list of one content
// type becomes the plain string that it is.
import { ServerResponse } from 'node:http'

const { setHeader } = ServerResponse.prototype

ServerResponse.prototype.setHeader = function setPlainContentType(name, value) {
  const single = Array.isArray(value) && value.length === 1 && name.toLowerCase() === 'content-type'
  return setHeader.call(this, name, single ? value[0] : value)
}
