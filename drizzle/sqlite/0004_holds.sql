CREATE TABLE `exported` (
	`export_id` text NOT NULL,
	`part` integer NOT NULL,
	`at` integer NOT NULL,
	`people` text NOT NULL,
	PRIMARY KEY(`export_id`, `part`)
);
--> statement-breakpoint
CREATE INDEX `exported_at` ON `exported` (`at`);--> statement-breakpoint
CREATE TABLE `legal_holds` (
	`id` text PRIMARY KEY NOT NULL,
	`person_id` text NOT NULL,
	`reason_sealed` text NOT NULL,
	`by` text NOT NULL,
	`at` integer NOT NULL,
	`live` text,
	`released_by` text,
	`released_at` integer
);
--> statement-breakpoint
CREATE UNIQUE INDEX `legal_holds_live` ON `legal_holds` (`live`);--> statement-breakpoint
CREATE INDEX `legal_holds_person` ON `legal_holds` (`person_id`);