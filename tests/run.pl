#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# Runs test suites that speak TAP and closes with "N passed, N failed, N skipped".
#
# usage: tests/run.pl [NAME=]COMMAND...
#
# A suite that dies, prints no plan, or prints another number of results than
# it planned counts as a failure, whatever else it printed. A skip says why and
# never counts as a pass. Each suite has a time limit (SUITE_LIMIT, 600 s). So many
# run at a time as there are CPUs; of those named in IN_TURN never two, and those
# named in ALONE run after all others, one by one.
use strict;
use warnings;
use TAP::Harness;
use TAP::Parser::Aggregator;

my $limit = $ENV{SUITE_LIMIT} || 600;
my %in_turn = map { $_ => 1 } split ' ', $ENV{IN_TURN} // '';
my %alone = map { $_ => 1 } split ' ', $ENV{ALONE} // '';
chomp(my $cpus = `nproc`);
my %command;
my @names;
for (@ARGV) {
	my ($name, $command) = /^([\w\/-]+)=(.*)$/ ? ($1, $2) : ($_, $_);
	$command{$name} = $command;
	push @names, $name;
}
die "usage: tests/run.pl [NAME=]COMMAND...\n" unless @names;

my @in_turn = grep { $in_turn{$_} } @names;
my @alone = grep { $alone{$_} } @names;
my @any = grep { !$in_turn{$_} && !$alone{$_} } @names;
my @rules = ({ par => [(@in_turn ? { seq => \@in_turn } : ()), @any] },
	@alone ? { seq => \@alone } : ());
my $harness = TAP::Harness->new({
	failures => 1,
	comments => 1, # what a failure said
	timer => 1,
	jobs => $cpus,
	rules => { seq => \@rules },
	color => -t STDOUT,
	exec => sub {
		my ($h, $name) = @_;
		print "$name begins\n" if @names > 1 && !$alone{$name};
		# A suite does not outlive its runner: timeout, which has a
		# process group of its own, ends all of it on SIGTERM
		return ['setpriv', '--pdeathsig', 'TERM', 'timeout', '-k', '5',
			$limit, 'sh', '-c', $command{$name}];
	},
});
my $sum = TAP::Parser::Aggregator->new;
$sum->start;
$harness->aggregate_tests($sum, @names);
$sum->stop;
$harness->summary($sum);

# What TAP calls passed includes skips; a broken suite may report no failure.
my $skipped = scalar $sum->skipped;
my $failed = scalar $sum->failed;
for my $name (@names) {
	my ($parser) = $sum->parsers($name);
	my $broken = $parser->parse_errors || $parser->exit || $parser->wait;
	next unless $broken && !$parser->failed;
	print "$name: the suite itself failed (exit status ",
		$parser->exit, ")\n";
	$failed++;
}
for my $name (@names) {
	my ($parser) = $sum->parsers($name);
	printf "%s: skipped: %s\n", $name, $parser->skip_all
		if $parser->skip_all;
}
my $passed = (scalar $sum->passed) - $skipped;
print "$passed passed, $failed failed, $skipped skipped\n";
exit($failed || !$passed ? 1 : 0);
