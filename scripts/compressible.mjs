// Loaded before Next (node --import). Next passes the headers of route handlers as lists, and its own compression then
// doesn't recognize the content type, so JSON would be uncompressed (vercel/next.js#98007). This turns a list with one
// content type into a string.
import { ServerResponse } from 'node:http'

const { setHeader } = ServerResponse.prototype

ServerResponse.prototype.setHeader = function setPlainContentType(name, value) {
  const single = Array.isArray(value) && value.length === 1 && name.toLowerCase() === 'content-type'
  return setHeader.call(this, name, single ? value[0] : value)
}
