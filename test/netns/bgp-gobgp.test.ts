import { testRouter } from './bgp/suite.ts'

testRouter('gobgp')
