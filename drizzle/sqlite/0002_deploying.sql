CREATE TABLE `series_versions` (
	`exam` text NOT NULL,
	`version` integer NOT NULL,
	`rules` text NOT NULL,
	`by` text NOT NULL,
	`at` integer NOT NULL,
	PRIMARY KEY(`exam`, `version`)
);
--> statement-breakpoint
CREATE TABLE `declarations` (
	`person_id` text NOT NULL,
	`centre_code` text NOT NULL,
	`why` text NOT NULL,
	`at` integer NOT NULL,
	PRIMARY KEY(`person_id`, `centre_code`)
);
--> statement-breakpoint
CREATE TABLE `heads` (
	`centre_code` text PRIMARY KEY NOT NULL,
	`name` text NOT NULL,
	`msisdn` text NOT NULL,
	`pin_hash` text,
	`one_time_hash` text,
	`one_time_until` integer,
	`at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `heads_msisdn` ON `heads` (`msisdn`);--> statement-breakpoint
CREATE TABLE `plans` (
	`id` text PRIMARY KEY NOT NULL,
	`job_code` text NOT NULL,
	`state` text NOT NULL,
	`rules_version` integer NOT NULL,
	`digest` text NOT NULL,
	`summary` text NOT NULL,
	`by` text NOT NULL,
	`at` integer NOT NULL,
	`changed_at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `plans_job` ON `plans` (`job_code`,`at`);--> statement-breakpoint
CREATE TABLE `placements` (
	`plan_id` text NOT NULL,
	`person_id` text NOT NULL,
	`centre_code` text NOT NULL,
	`seat` integer NOT NULL,
	`county` text NOT NULL,
	`metres` integer NOT NULL,
	`kind` text NOT NULL,
	`warning` text,
	PRIMARY KEY(`plan_id`, `person_id`)
);
--> statement-breakpoint
CREATE UNIQUE INDEX `placements_seat` ON `placements` (`plan_id`,`centre_code`,`seat`);--> statement-breakpoint
CREATE INDEX `placements_county` ON `placements` (`plan_id`,`county`,`centre_code`,`seat`);--> statement-breakpoint
CREATE INDEX `placements_warning` ON `placements` (`plan_id`,`warning`);--> statement-breakpoint
CREATE TABLE `plan_needs` (
	`plan_id` text NOT NULL,
	`centre_code` text NOT NULL,
	`county` text NOT NULL,
	`need` integer NOT NULL,
	`filled` integer NOT NULL,
	`reason` text,
	PRIMARY KEY(`plan_id`, `centre_code`)
);
--> statement-breakpoint
CREATE INDEX `plan_needs_county` ON `plan_needs` (`plan_id`,`county`,`reason`);--> statement-breakpoint
CREATE TABLE `plan_reserves` (
	`plan_id` text NOT NULL,
	`person_id` text NOT NULL,
	`county` text NOT NULL,
	`sub_county` text NOT NULL,
	`rank` integer NOT NULL,
	PRIMARY KEY(`plan_id`, `person_id`)
);
--> statement-breakpoint
CREATE INDEX `plan_reserves_sub_county` ON `plan_reserves` (`plan_id`,`county`,`sub_county`,`rank`);--> statement-breakpoint
CREATE TABLE `reserves` (
	`job_code` text NOT NULL,
	`person_id` text NOT NULL,
	`county` text NOT NULL,
	`sub_county` text NOT NULL,
	`rank` integer NOT NULL,
	`state` text NOT NULL,
	`changed_at` integer NOT NULL,
	PRIMARY KEY(`job_code`, `person_id`)
);
--> statement-breakpoint
CREATE INDEX `reserves_sub_county` ON `reserves` (`job_code`,`state`,`county`,`sub_county`,`rank`);--> statement-breakpoint
CREATE TABLE `openings` (
	`id` text PRIMARY KEY NOT NULL,
	`job_code` text NOT NULL,
	`centre_code` text NOT NULL,
	`county` text NOT NULL,
	`seat` integer NOT NULL,
	`why` text NOT NULL,
	`state` text NOT NULL,
	`at` integer NOT NULL,
	`changed_at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `openings_state` ON `openings` (`state`,`job_code`,`county`,`at`);--> statement-breakpoint
CREATE TABLE `attendance` (
	`deployment_id` text NOT NULL,
	`day` text NOT NULL,
	`job_code` text NOT NULL,
	`centre_code` text NOT NULL,
	`county` text NOT NULL,
	`mark` text NOT NULL,
	`by` text NOT NULL,
	`at` integer NOT NULL,
	`disputed_at` integer,
	`dispute_sealed` text,
	`settled_by` text,
	PRIMARY KEY(`deployment_id`, `day`)
);
--> statement-breakpoint
CREATE INDEX `attendance_job` ON `attendance` (`job_code`,`day`,`county`,`mark`);--> statement-breakpoint
CREATE INDEX `attendance_centre` ON `attendance` (`centre_code`,`day`);--> statement-breakpoint
CREATE INDEX `attendance_disputed` ON `attendance` (`settled_by`,`disputed_at`);--> statement-breakpoint
CREATE TABLE `paylists` (
	`id` text PRIMARY KEY NOT NULL,
	`job_code` text NOT NULL,
	`state` text NOT NULL,
	`lines` integer NOT NULL,
	`total_kes` integer NOT NULL,
	`control_sum` text NOT NULL,
	`rules_version` integer NOT NULL,
	`by` text NOT NULL,
	`at` integer NOT NULL,
	`changed_at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `paylists_job` ON `paylists` (`job_code`,`at`);--> statement-breakpoint
CREATE TABLE `pay_lines` (
	`id` text PRIMARY KEY NOT NULL,
	`list_id` text NOT NULL,
	`deployment_id` text NOT NULL,
	`live` text,
	`person_id` text NOT NULL,
	`county` text NOT NULL,
	`days` integer NOT NULL,
	`rate_kes` integer NOT NULL,
	`allowance_kes` integer NOT NULL,
	`deduction_kes` integer NOT NULL,
	`total_kes` integer NOT NULL,
	`bank` text NOT NULL,
	`payee_sealed` text NOT NULL,
	`state` text NOT NULL,
	`reason` text,
	`changed_at` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `pay_lines_live` ON `pay_lines` (`live`);--> statement-breakpoint
CREATE INDEX `pay_lines_list` ON `pay_lines` (`list_id`,`bank`,`id`);--> statement-breakpoint
CREATE INDEX `pay_lines_person` ON `pay_lines` (`person_id`);--> statement-breakpoint
CREATE INDEX `pay_lines_deployment` ON `pay_lines` (`deployment_id`);--> statement-breakpoint
CREATE TABLE `pay_issues` (
	`deployment_id` text NOT NULL,
	`kind` text NOT NULL,
	`job_code` text NOT NULL,
	`person_id` text NOT NULL,
	`county` text NOT NULL,
	`state` text NOT NULL,
	`cleared_by` text,
	`at` integer NOT NULL,
	`changed_at` integer NOT NULL,
	PRIMARY KEY(`deployment_id`, `kind`)
);
--> statement-breakpoint
CREATE INDEX `pay_issues_state` ON `pay_issues` (`job_code`,`state`,`kind`,`county`,`deployment_id`);--> statement-breakpoint
CREATE INDEX `pay_issues_person` ON `pay_issues` (`person_id`,`state`);--> statement-breakpoint
CREATE TABLE `notices` (
	`id` text PRIMARY KEY NOT NULL,
	`kind` text NOT NULL,
	`job_code` text NOT NULL,
	`county` text,
	`by` text NOT NULL,
	`at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `notices_at` ON `notices` (`at`);--> statement-breakpoint
CREATE TABLE `notice_people` (
	`notice_id` text NOT NULL,
	`deployment_id` text NOT NULL,
	`person_id` text NOT NULL,
	`county` text NOT NULL,
	`message` text NOT NULL,
	PRIMARY KEY(`notice_id`, `deployment_id`)
);
--> statement-breakpoint
CREATE INDEX `notice_people_county` ON `notice_people` (`notice_id`,`county`,`deployment_id`);--> statement-breakpoint
ALTER TABLE `applications` ADD `rules_version` integer;--> statement-breakpoint
ALTER TABLE `applications` ADD `left_out` text;--> statement-breakpoint
ALTER TABLE `deployments` ADD `origin` text DEFAULT 'import' NOT NULL;--> statement-breakpoint
ALTER TABLE `deployments` ADD `seat` integer;--> statement-breakpoint
ALTER TABLE `deployments` ADD `held` text;--> statement-breakpoint
ALTER TABLE `deployments` ADD `answer_by` integer;--> statement-breakpoint
ALTER TABLE `deployments` ADD `offered_from` text;--> statement-breakpoint
ALTER TABLE `deployments` ADD `rules_version` integer;--> statement-breakpoint
ALTER TABLE `deployments` ADD `metres` integer;--> statement-breakpoint
ALTER TABLE `deployments` ADD `confirmed_by` text;--> statement-breakpoint
CREATE UNIQUE INDEX `deployments_held` ON `deployments` (`held`);--> statement-breakpoint
CREATE INDEX `deployments_answer` ON `deployments` (`status`,`answer_by`);--> statement-breakpoint
CREATE INDEX `deployments_place` ON `deployments` (`job_code`,`centre_code`,`seat`);