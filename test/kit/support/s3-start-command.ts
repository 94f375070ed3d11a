import { sentPathHeader } from './s3-front.ts'

/**
 * A client signs the path that it sends. This server signs the one that it understood, without the slash at the end of a
 * bucket, and so refuses every listing of pgBackRest: it gets the path as it was, from the front. And it leaves folders out of a
 * listing that hold nothing but folders, as those of an archive's histories do: it lists all, and we group. Uploads that were cut
 * off it keeps as folders, and can neither list them nor take them back.
 */
export const startCommand = `
  const signature = require(process.argv[1] + '/../signature/v4')
  const { getStringToSign } = signature
  signature.getStringToSign = (request, how) =>
    getStringToSign({ ...request, uri: request.headers['${sentPathHeader}'] ?? request.uri }, how)
  const { prototype } = require(process.argv[1] + '/../stores/filesystem')
  const { listObjects } = prototype
  prototype.listObjects = async function (bucket, { delimiter = '', prefix = '', ...more }) {
    const listed = await listObjects.call(this, bucket, { ...more, prefix })
    if (delimiter === '') return listed
    const folderOf = ({ key }) => prefix + key.slice(prefix.length).split(delimiter)[0] + delimiter
    const isBelow = ({ key }) => key.slice(prefix.length).includes(delimiter)
    const commonPrefixes = [...new Set(listed.objects.filter(isBelow).map(folderOf))].sort()
    return { ...listed, objects: listed.objects.filter((each) => !isBelow(each)), commonPrefixes }
  }
  const { readFile, readdir, rm, stat } = require('node:fs/promises')
  const router = require(process.argv[1] + '/../routes')
  const uploadsOf = ({ app, params }) => app.store.getResourcePath(params.bucket, undefined, 'uploads')
  const first = router.stack.findIndex(({ methods }) => methods.length > 0)
  router.get('/:bucket', async (ctx, next) => {
    if (!('uploads' in ctx.query)) return next()
    const folder = uploadsOf(ctx)
    const Upload = []
    for (const UploadId of await readdir(folder).catch(() => [])) {
      const Key = await readFile(folder + '/' + UploadId + '/key', 'utf8')
      const { mtime } = await stat(folder + '/' + UploadId + '/key')
      if (Key.startsWith(ctx.query.prefix ?? '')) Upload.push({ Key, UploadId, Initiated: mtime.toISOString() })
    }
    ctx.body = { ListMultipartUploadsResult: { Bucket: ctx.params.bucket, IsTruncated: false, Upload } }
  })
  router.delete('/:bucket/*key', async (ctx, next) => {
    if (!('uploadId' in ctx.query)) return next()
    await rm(uploadsOf(ctx) + '/' + ctx.query.uploadId, { recursive: true, force: true })
    ctx.status = 204
  })
  router.stack.splice(first, 0, ...router.stack.splice(-2))
  require(process.argv[1]).parseAsync(process.argv)`
