import { PRODUCT_NAMESPACE } from '../install.ts'

/** The tutorials' own example. */
export const POOL_NAME = 'first-pool'
export const FIRST_ADDRESS = '192.168.67.120'

export const POOL = `apiVersion: metallb.io/v1beta1
kind: IPAddressPool
metadata:
  name: ${POOL_NAME}
  namespace: ${PRODUCT_NAMESPACE}
spec:
  addresses:
    - ${FIRST_ADDRESS}-192.168.67.200
---
apiVersion: metallb.io/v1beta1
kind: L2Advertisement
metadata:
  name: example
  namespace: ${PRODUCT_NAMESPACE}
spec:
  ipAddressPools:
    - ${POOL_NAME}
`

export const WEB = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 3
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      containers:
        - { name: web, image: web, ports: [{ containerPort: 80 }] }
`

export const SERVICE = `apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  type: LoadBalancer
  selector: { app: web }
  ports:
    - { port: 80, targetPort: 80 }
`
