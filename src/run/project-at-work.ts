import type { LandingArchive } from '../landing/land.ts';
import type { Environment } from '../project/environment.ts';
import type { Project } from '../project/project.ts';
import type { Warehouse } from '../warehouse/warehouse.ts';

/** A project with what its jobs need around it. */
export interface ProjectAtWork {
  readonly project: Project;
  readonly env: Environment;
  readonly warehouse: Warehouse;
  /** Where deliveries are kept; with an archive, where those lie that are being read. */
  readonly landingDir: string;
  /** Keeps deliveries where the folder does not last. */
  readonly archive?: LandingArchive;
}
