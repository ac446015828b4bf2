DROP INDEX `sessions_at`;--> statement-breakpoint
CREATE INDEX `sessions_at` ON `sessions` (`at`,`screen`);--> statement-breakpoint
DROP INDEX `hops_at`;--> statement-breakpoint
CREATE INDEX `hops_at` ON `hops` (`at`,`screen`);