ALTER TABLE `jobs` ADD `calendar` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `deployments` ADD `calendar` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `attendance` ADD `rules_version` integer;