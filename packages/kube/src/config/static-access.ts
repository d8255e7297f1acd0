import type { Access } from './credentials.ts'
import { readNamedFile, readToken } from './file.ts'
import type { Chosen, UserEntry } from './kubeconfig.ts'

/** What a user and cluster made of plain data and files give; the files are read now. */
export function staticAccess({ cluster, user }: Chosen): Access {
  const ca = dataOrFile(
    cluster['certificate-authority-data'],
    cluster['certificate-authority'],
    'certificate-authority',
  )
  const cert = dataOrFile(user['client-certificate-data'], user['client-certificate'], 'client-certificate')
  const key = dataOrFile(user['client-key-data'], user['client-key'], 'client-key')
  const servername = cluster['tls-server-name'] ?? ''
  return {
    headers: headersOf(user),
    tls: {
      ...(ca === undefined ? {} : { ca }),
      ...(cert === undefined ? {} : { cert }),
      ...(key === undefined ? {} : { key }),
      ...(servername === '' ? {} : { servername }),
      ...(cluster['insecure-skip-tls-verify'] === true ? { rejectUnauthorized: false } : {}),
    },
  }
}

/** Data in the kubeconfig itself goes before a file, as kubectl has it. */
function dataOrFile(data: string | undefined, file: string | undefined, what: string): Buffer | undefined {
  if (data !== undefined && data !== '') return Buffer.from(data, 'base64')
  return file === undefined || file === '' ? undefined : readNamedFile(file, what)
}

function headersOf(user: UserEntry): Access['headers'] {
  const authorization = authorizationOf(user)
  return {
    ...(authorization === undefined ? {} : { authorization }),
    ...(user.as === undefined ? {} : { 'impersonate-user': user.as }),
    ...(user['as-groups'] === undefined ? {} : { 'impersonate-group': user['as-groups'] }),
  }
}

/** A token file goes before a token: it is the one that is renewed. */
function authorizationOf({ token = '', tokenFile = '', username = '', password = '' }: UserEntry): string | undefined {
  if (tokenFile !== '') return `Bearer ${readToken(tokenFile, 'tokenFile')}`
  if (token !== '') return `Bearer ${token}`
  if (username === '') return undefined
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`
}
