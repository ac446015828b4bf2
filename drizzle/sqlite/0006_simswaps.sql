CREATE TABLE `sim_swaps` (
	`msisdn` text PRIMARY KEY NOT NULL,
	`reset_at` integer NOT NULL,
	`state` text NOT NULL,
	`request_id` text,
	`swapped_on` text,
	`cleared_by` text,
	`changed_at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `sim_swaps_state` ON `sim_swaps` (`state`,`reset_at`);--> statement-breakpoint
CREATE UNIQUE INDEX `sim_swaps_request` ON `sim_swaps` (`request_id`);