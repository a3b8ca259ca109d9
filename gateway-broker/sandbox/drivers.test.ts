import { driverSuite } from './driver.suite.ts'
import { drivers } from './index.ts'

for (const driver of drivers({ node: process.execPath, path: process.env.PATH ?? '' })) driverSuite(driver)
