/** Where copies go: a bucket that speaks S3, and the folder in it that is ours. */
export interface OffsiteSettings {
  /** With https:// before it. */
  endpoint: string
  bucket: string
  region: string
  /** Folder of this installation in the bucket, without slashes at its ends; '' for the bucket itself. */
  prefix: string
  /** Path of the authority that signs for the endpoint; undefined for those of the system. */
  caFile: string | undefined
  accessKeyId: string
  secretAccessKey: string
  /** A connection on which nothing moves for this long is given up. */
  idleTimeoutMs: number
  /** Of what is sent and read back; undefined for all that the line gives. */
  bandwidthKibPerSecond?: number | undefined
  /** Where rclone is. */
  searchPath: string
}

/** Two folders, one there and one here. */
export interface OffsitePlace {
  offsite: OffsiteSettings
  backupsFolder: string
}

/** What a note about a copy belongs to: with another bucket in the settings it says nothing any more. */
export function placeOf({ endpoint, bucket, prefix }: OffsiteSettings): string {
  return [endpoint.replace(/\/+$/, ''), bucket, ...(prefix === '' ? [] : [prefix])].join('/')
}
