# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_payctl_global_optspecs
    string join \n data-dir= port-offset= config= profile= o/output= no-color q/quiet h/help V/version
end

function __fish_payctl_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_payctl_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_payctl_using_subcommand
    set -l cmd (__fish_payctl_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c payctl -n "__fish_payctl_needs_command" -l data-dir -d 'Where the platform\'s data is [env: PAYCTL_DATA_DIR]' -r -f -a "(__fish_complete_directories)"
complete -c payctl -n "__fish_payctl_needs_command" -l port-offset -d 'Added to every port [env: PAYCTL_PORT_OFFSET]' -r
complete -c payctl -n "__fish_payctl_needs_command" -l config -d 'Read this file instead of ./payctl.toml [env: PAYCTL_CONFIG]' -r -F
complete -c payctl -n "__fish_payctl_needs_command" -l profile -d 'development, production [env: PAYCTL_PROFILE]' -r
complete -c payctl -n "__fish_payctl_needs_command" -s o -l output -d 'table or wide for people, json or jsonl for programs' -r -f -a "table\t'Tables for people'
wide\t'The same with more columns, where there are more'
json\t'One JSON document, or one a line where a command follows'
jsonl\t'Each JSON document on one line'"
complete -c payctl -n "__fish_payctl_needs_command" -l no-color -d 'No colour, also on a terminal [env: NO_COLOR]'
complete -c payctl -n "__fish_payctl_needs_command" -s q -l quiet -d 'Only data and errors'
complete -c payctl -n "__fish_payctl_needs_command" -s h -l help -d 'Print help'
complete -c payctl -n "__fish_payctl_needs_command" -s V -l version -d 'Print version'
complete -c payctl -n "__fish_payctl_needs_command" -f -a "up" -d 'Run the whole platform in this process, in the development profile'
complete -c payctl -n "__fish_payctl_needs_command" -f -a "serve" -d 'Run some services in this process, in the production profile'
complete -c payctl -n "__fish_payctl_needs_command" -f -a "payments" -d 'Create, find, pay and cancel payments'
complete -c payctl -n "__fish_payctl_needs_command" -f -a "orders" -d 'Find orders and move them on'
complete -c payctl -n "__fish_payctl_needs_command" -f -a "topics" -d 'Look at the log'
complete -c payctl -n "__fish_payctl_needs_command" -f -a "events" -d 'Look at stored events, replay them beside the live tables, or publish them again'
complete -c payctl -n "__fish_payctl_needs_command" -f -a "groups" -d 'Look at the consumer groups, or set one elsewhere'
complete -c payctl -n "__fish_payctl_needs_command" -f -a "dlq" -d 'Look at dead letters, and replay or discard them'
complete -c payctl -n "__fish_payctl_needs_command" -f -a "status" -d 'Show whether every service, the database, the log and each group work'
complete -c payctl -n "__fish_payctl_needs_command" -f -a "lag" -d 'Show how far each group is behind, in records, time and money'
complete -c payctl -n "__fish_payctl_needs_command" -f -a "trace" -d 'Show one payment across gateway, log, groups, books and mail, with what is missing'
complete -c payctl -n "__fish_payctl_needs_command" -f -a "metrics" -d 'Show what analytics has counted: a merchant\'s payments and orders, and a channel\'s transactions'
complete -c payctl -n "__fish_payctl_needs_command" -f -a "ledger" -d 'Look at the books, or take them along'
complete -c payctl -n "__fish_payctl_needs_command" -f -a "verify" -d 'Check the invariants of the platform on one snapshot, live or not'
complete -c payctl -n "__fish_payctl_needs_command" -f -a "bundle" -d 'Gather what somebody who helps needs to see into one file, masked'
complete -c payctl -n "__fish_payctl_needs_command" -f -a "load" -d 'Put load on a platform and prove that no acknowledged money is lost'
complete -c payctl -n "__fish_payctl_needs_command" -f -a "selftest" -d 'Try out what the platform stands on'
complete -c payctl -n "__fish_payctl_needs_command" -f -a "config" -d 'Show what is configured, and what can be'
complete -c payctl -n "__fish_payctl_needs_command" -f -a "completions" -d 'Print the script that lets a shell complete payctl\'s words'
complete -c payctl -n "__fish_payctl_needs_command" -f -a "man" -d 'Print the manual'
complete -c payctl -n "__fish_payctl_needs_command" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c payctl -n "__fish_payctl_using_subcommand up" -l data-dir -d 'Where the platform\'s data is [env: PAYCTL_DATA_DIR]' -r -f -a "(__fish_complete_directories)"
complete -c payctl -n "__fish_payctl_using_subcommand up" -l port-offset -d 'Added to every port [env: PAYCTL_PORT_OFFSET]' -r
complete -c payctl -n "__fish_payctl_using_subcommand up" -l config -d 'Read this file instead of ./payctl.toml [env: PAYCTL_CONFIG]' -r -F
complete -c payctl -n "__fish_payctl_using_subcommand up" -l profile -d 'development, production [env: PAYCTL_PROFILE]' -r
complete -c payctl -n "__fish_payctl_using_subcommand up" -s o -l output -d 'table or wide for people, json or jsonl for programs' -r -f -a "table\t'Tables for people'
wide\t'The same with more columns, where there are more'
json\t'One JSON document, or one a line where a command follows'
jsonl\t'Each JSON document on one line'"
complete -c payctl -n "__fish_payctl_using_subcommand up" -l demo -d 'Take one payment all the way, show it, and stay up'
complete -c payctl -n "__fish_payctl_using_subcommand up" -l no-color -d 'No colour, also on a terminal [env: NO_COLOR]'
complete -c payctl -n "__fish_payctl_using_subcommand up" -s q -l quiet -d 'Only data and errors'
complete -c payctl -n "__fish_payctl_using_subcommand up" -s h -l help -d 'Print help'
complete -c payctl -n "__fish_payctl_using_subcommand serve" -l data-dir -d 'Where the platform\'s data is [env: PAYCTL_DATA_DIR]' -r -f -a "(__fish_complete_directories)"
complete -c payctl -n "__fish_payctl_using_subcommand serve" -l port-offset -d 'Added to every port [env: PAYCTL_PORT_OFFSET]' -r
complete -c payctl -n "__fish_payctl_using_subcommand serve" -l config -d 'Read this file instead of ./payctl.toml [env: PAYCTL_CONFIG]' -r -F
complete -c payctl -n "__fish_payctl_using_subcommand serve" -l profile -d 'development, production [env: PAYCTL_PROFILE]' -r
complete -c payctl -n "__fish_payctl_using_subcommand serve" -s o -l output -d 'table or wide for people, json or jsonl for programs' -r -f -a "table\t'Tables for people'
wide\t'The same with more columns, where there are more'
json\t'One JSON document, or one a line where a command follows'
jsonl\t'Each JSON document on one line'"
complete -c payctl -n "__fish_payctl_using_subcommand serve" -l no-color -d 'No colour, also on a terminal [env: NO_COLOR]'
complete -c payctl -n "__fish_payctl_using_subcommand serve" -s q -l quiet -d 'Only data and errors'
complete -c payctl -n "__fish_payctl_using_subcommand serve" -s h -l help -d 'Print help'
complete -c payctl -n "__fish_payctl_using_subcommand payments; and not __fish_seen_subcommand_from create get list cancel pay help" -l data-dir -d 'Where the platform\'s data is [env: PAYCTL_DATA_DIR]' -r -f -a "(__fish_complete_directories)"
complete -c payctl -n "__fish_payctl_using_subcommand payments; and not __fish_seen_subcommand_from create get list cancel pay help" -l port-offset -d 'Added to every port [env: PAYCTL_PORT_OFFSET]' -r
complete -c payctl -n "__fish_payctl_using_subcommand payments; and not __fish_seen_subcommand_from create get list cancel pay help" -l config -d 'Read this file instead of ./payctl.toml [env: PAYCTL_CONFIG]' -r -F
complete -c payctl -n "__fish_payctl_using_subcommand payments; and not __fish_seen_subcommand_from create get list cancel pay help" -l profile -d 'development, production [env: PAYCTL_PROFILE]' -r
complete -c payctl -n "__fish_payctl_using_subcommand payments; and not __fish_seen_subcommand_from create get list cancel pay help" -s o -l output -d 'table or wide for people, json or jsonl for programs' -r -f -a "table\t'Tables for people'
wide\t'The same with more columns, where there are more'
json\t'One JSON document, or one a line where a command follows'
jsonl\t'Each JSON document on one line'"
complete -c payctl -n "__fish_payctl_using_subcommand payments; and not __fish_seen_subcommand_from create get list cancel pay help" -l no-color -d 'No colour, also on a terminal [env: NO_COLOR]'
complete -c payctl -n "__fish_payctl_using_subcommand payments; and not __fish_seen_subcommand_from create get list cancel pay help" -s q -l quiet -d 'Only data and errors'
complete -c payctl -n "__fish_payctl_using_subcommand payments; and not __fish_seen_subcommand_from create get list cancel pay help" -s h -l help -d 'Print help'
complete -c payctl -n "__fish_payctl_using_subcommand payments; and not __fish_seen_subcommand_from create get list cancel pay help" -f -a "create" -d 'Create a payment and print its number and the page that takes the money'
complete -c payctl -n "__fish_payctl_using_subcommand payments; and not __fish_seen_subcommand_from create get list cancel pay help" -f -a "get" -d 'Show one payment, whether a platform runs or not'
complete -c payctl -n "__fish_payctl_using_subcommand payments; and not __fish_seen_subcommand_from create get list cancel pay help" -f -a "list" -d 'List payments, newest first, whether a platform runs or not'
complete -c payctl -n "__fish_payctl_using_subcommand payments; and not __fish_seen_subcommand_from create get list cancel pay help" -f -a "cancel" -d 'Cancel a payment that nobody has paid; the channel\'s intent is closed first'
complete -c payctl -n "__fish_payctl_using_subcommand payments; and not __fish_seen_subcommand_from create get list cancel pay help" -f -a "pay" -d 'Do what the payer does on the checkout page (development only)'
complete -c payctl -n "__fish_payctl_using_subcommand payments; and not __fish_seen_subcommand_from create get list cancel pay help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c payctl -n "__fish_payctl_using_subcommand payments; and __fish_seen_subcommand_from create" -l amount -d 'In the currency\'s minor unit: 100.00 USD is 10000, 500 JPY is 500' -r
complete -c payctl -n "__fish_payctl_using_subcommand payments; and __fish_seen_subcommand_from create" -l currency -d 'Its code of ISO 4217' -r
complete -c payctl -n "__fish_payctl_using_subcommand payments; and __fish_seen_subcommand_from create" -l email -d 'Who pays; in development test@example.com' -r
complete -c payctl -n "__fish_payctl_using_subcommand payments; and __fish_seen_subcommand_from create" -l order-no -d 'Your own number for the order; made when absent' -r
complete -c payctl -n "__fish_payctl_using_subcommand payments; and __fish_seen_subcommand_from create" -l channel -d 'Who takes the money' -r
complete -c payctl -n "__fish_payctl_using_subcommand payments; and __fish_seen_subcommand_from create" -l description -d 'What it is for, as the payer reads it' -r
complete -c payctl -n "__fish_payctl_using_subcommand payments; and __fish_seen_subcommand_from create" -l idempotency-key -d 'The same key and payment again answer the first payment; made when absent' -r
complete -c payctl -n "__fish_payctl_using_subcommand payments; and __fish_seen_subcommand_from create" -l merchant -d 'Whose payment it is; in development the seeded merchant' -r
complete -c payctl -n "__fish_payctl_using_subcommand payments; and __fish_seen_subcommand_from create" -l expire-minutes -d 'Minutes until it expires unpaid' -r
complete -c payctl -n "__fish_payctl_using_subcommand payments; and __fish_seen_subcommand_from create" -l data-dir -d 'Where the platform\'s data is [env: PAYCTL_DATA_DIR]' -r -f -a "(__fish_complete_directories)"
complete -c payctl -n "__fish_payctl_using_subcommand payments; and __fish_seen_subcommand_from create" -l port-offset -d 'Added to every port [env: PAYCTL_PORT_OFFSET]' -r
complete -c payctl -n "__fish_payctl_using_subcommand payments; and __fish_seen_subcommand_from create" -l config -d 'Read this file instead of ./payctl.toml [env: PAYCTL_CONFIG]' -r -F
complete -c payctl -n "__fish_payctl_using_subcommand payments; and __fish_seen_subcommand_from create" -l profile -d 'development, production [env: PAYCTL_PROFILE]' -r
complete -c payctl -n "__fish_payctl_using_subcommand payments; and __fish_seen_subcommand_from create" -s o -l output -d 'table or wide for people, json or jsonl for programs' -r -f -a "table\t'Tables for people'
wide\t'The same with more columns, where there are more'
json\t'One JSON document, or one a line where a command follows'
jsonl\t'Each JSON document on one line'"
complete -c payctl -n "__fish_payctl_using_subcommand payments; and __fish_seen_subcommand_from create" -l no-color -d 'No colour, also on a terminal [env: NO_COLOR]'
complete -c payctl -n "__fish_payctl_using_subcommand payments; and __fish_seen_subcommand_from create" -s q -l quiet -d 'Only data and errors'
complete -c payctl -n "__fish_payctl_using_subcommand payments; and __fish_seen_subcommand_from create" -s h -l help -d 'Print help'
complete -c payctl -n "__fish_payctl_using_subcommand payments; and __fish_seen_subcommand_from get" -l as-of -d 'As it stood at this time: 90s, 10m, 2h, 3d ago or RFC 3339' -r
complete -c payctl -n "__fish_payctl_using_subcommand payments; and __fish_seen_subcommand_from get" -l data-dir -d 'Where the platform\'s data is [env: PAYCTL_DATA_DIR]' -r -f -a "(__fish_complete_directories)"
complete -c payctl -n "__fish_payctl_using_subcommand payments; and __fish_seen_subcommand_from get" -l port-offset -d 'Added to every port [env: PAYCTL_PORT_OFFSET]' -r
complete -c payctl -n "__fish_payctl_using_subcommand payments; and __fish_seen_subcommand_from get" -l config -d 'Read this file instead of ./payctl.toml [env: PAYCTL_CONFIG]' -r -F
complete -c payctl -n "__fish_payctl_using_subcommand payments; and __fish_seen_subcommand_from get" -l profile -d 'development, production [env: PAYCTL_PROFILE]' -r
complete -c payctl -n "__fish_payctl_using_subcommand payments; and __fish_seen_subcommand_from get" -s o -l output -d 'table or wide for people, json or jsonl for programs' -r -f -a "table\t'Tables for people'
wide\t'The same with more columns, where there are more'
json\t'One JSON document, or one a line where a command follows'
jsonl\t'Each JSON document on one line'"
complete -c payctl -n "__fish_payctl_using_subcommand payments; and __fish_seen_subcommand_from get" -l history -d 'Each step: when, by which event, from where to where'
complete -c payctl -n "__fish_payctl_using_subcommand payments; and __fish_seen_subcommand_from get" -l no-color -d 'No colour, also on a terminal [env: NO_COLOR]'
complete -c payctl -n "__fish_payctl_using_subcommand payments; and __fish_seen_subcommand_from get" -s q -l quiet -d 'Only data and errors'
complete -c payctl -n "__fish_payctl_using_subcommand payments; and __fish_seen_subcommand_from get" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c payctl -n "__fish_payctl_using_subcommand payments; and __fish_seen_subcommand_from list" -l status -d 'Only where they stand so' -r -f -a "pending\t''
processing\t''
success\t''
failed\t''
cancelled\t''
expired\t''"
complete -c payctl -n "__fish_payctl_using_subcommand payments; and __fish_seen_subcommand_from list" -l merchant -d 'Only this merchant\'s' -r
complete -c payctl -n "__fish_payctl_using_subcommand payments; and __fish_seen_subcommand_from list" -l channel -d 'Only through this channel' -r
complete -c payctl -n "__fish_payctl_using_subcommand payments; and __fish_seen_subcommand_from list" -l currency -d 'Only in this currency' -r
complete -c payctl -n "__fish_payctl_using_subcommand payments; and __fish_seen_subcommand_from list" -l email -d 'Only by this payer' -r
complete -c payctl -n "__fish_payctl_using_subcommand payments; and __fish_seen_subcommand_from list" -l order-no -d 'Only for this order' -r
complete -c payctl -n "__fish_payctl_using_subcommand payments; and __fish_seen_subcommand_from list" -l since -d 'Only created from this time on: 90s, 10m, 2h, 3d ago or RFC 3339' -r
complete -c payctl -n "__fish_payctl_using_subcommand payments; and __fish_seen_subcommand_from list" -l until -d 'Only created before this time' -r
complete -c payctl -n "__fish_payctl_using_subcommand payments; and __fish_seen_subcommand_from list" -l min-amount -d 'Only of at least so many minor units' -r
complete -c payctl -n "__fish_payctl_using_subcommand payments; and __fish_seen_subcommand_from list" -l max-amount -d 'Only of at most so many minor units' -r
complete -c payctl -n "__fish_payctl_using_subcommand payments; and __fish_seen_subcommand_from list" -l page -d 'Which page, from 1' -r
complete -c payctl -n "__fish_payctl_using_subcommand payments; and __fish_seen_subcommand_from list" -s n -l page-size -d 'How many a page' -r
complete -c payctl -n "__fish_payctl_using_subcommand payments; and __fish_seen_subcommand_from list" -l data-dir -d 'Where the platform\'s data is [env: PAYCTL_DATA_DIR]' -r -f -a "(__fish_complete_directories)"
complete -c payctl -n "__fish_payctl_using_subcommand payments; and __fish_seen_subcommand_from list" -l port-offset -d 'Added to every port [env: PAYCTL_PORT_OFFSET]' -r
complete -c payctl -n "__fish_payctl_using_subcommand payments; and __fish_seen_subcommand_from list" -l config -d 'Read this file instead of ./payctl.toml [env: PAYCTL_CONFIG]' -r -F
complete -c payctl -n "__fish_payctl_using_subcommand payments; and __fish_seen_subcommand_from list" -l profile -d 'development, production [env: PAYCTL_PROFILE]' -r
complete -c payctl -n "__fish_payctl_using_subcommand payments; and __fish_seen_subcommand_from list" -s o -l output -d 'table or wide for people, json or jsonl for programs' -r -f -a "table\t'Tables for people'
wide\t'The same with more columns, where there are more'
json\t'One JSON document, or one a line where a command follows'
jsonl\t'Each JSON document on one line'"
complete -c payctl -n "__fish_payctl_using_subcommand payments; and __fish_seen_subcommand_from list" -l no-color -d 'No colour, also on a terminal [env: NO_COLOR]'
complete -c payctl -n "__fish_payctl_using_subcommand payments; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Only data and errors'
complete -c payctl -n "__fish_payctl_using_subcommand payments; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help'
complete -c payctl -n "__fish_payctl_using_subcommand payments; and __fish_seen_subcommand_from cancel" -l data-dir -d 'Where the platform\'s data is [env: PAYCTL_DATA_DIR]' -r -f -a "(__fish_complete_directories)"
complete -c payctl -n "__fish_payctl_using_subcommand payments; and __fish_seen_subcommand_from cancel" -l port-offset -d 'Added to every port [env: PAYCTL_PORT_OFFSET]' -r
complete -c payctl -n "__fish_payctl_using_subcommand payments; and __fish_seen_subcommand_from cancel" -l config -d 'Read this file instead of ./payctl.toml [env: PAYCTL_CONFIG]' -r -F
complete -c payctl -n "__fish_payctl_using_subcommand payments; and __fish_seen_subcommand_from cancel" -l profile -d 'development, production [env: PAYCTL_PROFILE]' -r
complete -c payctl -n "__fish_payctl_using_subcommand payments; and __fish_seen_subcommand_from cancel" -s o -l output -d 'table or wide for people, json or jsonl for programs' -r -f -a "table\t'Tables for people'
wide\t'The same with more columns, where there are more'
json\t'One JSON document, or one a line where a command follows'
jsonl\t'Each JSON document on one line'"
complete -c payctl -n "__fish_payctl_using_subcommand payments; and __fish_seen_subcommand_from cancel" -l no-color -d 'No colour, also on a terminal [env: NO_COLOR]'
complete -c payctl -n "__fish_payctl_using_subcommand payments; and __fish_seen_subcommand_from cancel" -s q -l quiet -d 'Only data and errors'
complete -c payctl -n "__fish_payctl_using_subcommand payments; and __fish_seen_subcommand_from cancel" -s h -l help -d 'Print help'
complete -c payctl -n "__fish_payctl_using_subcommand payments; and __fish_seen_subcommand_from pay" -l data-dir -d 'Where the platform\'s data is [env: PAYCTL_DATA_DIR]' -r -f -a "(__fish_complete_directories)"
complete -c payctl -n "__fish_payctl_using_subcommand payments; and __fish_seen_subcommand_from pay" -l port-offset -d 'Added to every port [env: PAYCTL_PORT_OFFSET]' -r
complete -c payctl -n "__fish_payctl_using_subcommand payments; and __fish_seen_subcommand_from pay" -l config -d 'Read this file instead of ./payctl.toml [env: PAYCTL_CONFIG]' -r -F
complete -c payctl -n "__fish_payctl_using_subcommand payments; and __fish_seen_subcommand_from pay" -l profile -d 'development, production [env: PAYCTL_PROFILE]' -r
complete -c payctl -n "__fish_payctl_using_subcommand payments; and __fish_seen_subcommand_from pay" -s o -l output -d 'table or wide for people, json or jsonl for programs' -r -f -a "table\t'Tables for people'
wide\t'The same with more columns, where there are more'
json\t'One JSON document, or one a line where a command follows'
jsonl\t'Each JSON document on one line'"
complete -c payctl -n "__fish_payctl_using_subcommand payments; and __fish_seen_subcommand_from pay" -l decline -d 'Press Decline: the card is refused'
complete -c payctl -n "__fish_payctl_using_subcommand payments; and __fish_seen_subcommand_from pay" -l cancel -d 'Press Cancel: the payer changes their mind'
complete -c payctl -n "__fish_payctl_using_subcommand payments; and __fish_seen_subcommand_from pay" -l no-color -d 'No colour, also on a terminal [env: NO_COLOR]'
complete -c payctl -n "__fish_payctl_using_subcommand payments; and __fish_seen_subcommand_from pay" -s q -l quiet -d 'Only data and errors'
complete -c payctl -n "__fish_payctl_using_subcommand payments; and __fish_seen_subcommand_from pay" -s h -l help -d 'Print help'
complete -c payctl -n "__fish_payctl_using_subcommand payments; and __fish_seen_subcommand_from help" -f -a "create" -d 'Create a payment and print its number and the page that takes the money'
complete -c payctl -n "__fish_payctl_using_subcommand payments; and __fish_seen_subcommand_from help" -f -a "get" -d 'Show one payment, whether a platform runs or not'
complete -c payctl -n "__fish_payctl_using_subcommand payments; and __fish_seen_subcommand_from help" -f -a "list" -d 'List payments, newest first, whether a platform runs or not'
complete -c payctl -n "__fish_payctl_using_subcommand payments; and __fish_seen_subcommand_from help" -f -a "cancel" -d 'Cancel a payment that nobody has paid; the channel\'s intent is closed first'
complete -c payctl -n "__fish_payctl_using_subcommand payments; and __fish_seen_subcommand_from help" -f -a "pay" -d 'Do what the payer does on the checkout page (development only)'
complete -c payctl -n "__fish_payctl_using_subcommand payments; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c payctl -n "__fish_payctl_using_subcommand orders; and not __fish_seen_subcommand_from get list ship complete help" -l data-dir -d 'Where the platform\'s data is [env: PAYCTL_DATA_DIR]' -r -f -a "(__fish_complete_directories)"
complete -c payctl -n "__fish_payctl_using_subcommand orders; and not __fish_seen_subcommand_from get list ship complete help" -l port-offset -d 'Added to every port [env: PAYCTL_PORT_OFFSET]' -r
complete -c payctl -n "__fish_payctl_using_subcommand orders; and not __fish_seen_subcommand_from get list ship complete help" -l config -d 'Read this file instead of ./payctl.toml [env: PAYCTL_CONFIG]' -r -F
complete -c payctl -n "__fish_payctl_using_subcommand orders; and not __fish_seen_subcommand_from get list ship complete help" -l profile -d 'development, production [env: PAYCTL_PROFILE]' -r
complete -c payctl -n "__fish_payctl_using_subcommand orders; and not __fish_seen_subcommand_from get list ship complete help" -s o -l output -d 'table or wide for people, json or jsonl for programs' -r -f -a "table\t'Tables for people'
wide\t'The same with more columns, where there are more'
json\t'One JSON document, or one a line where a command follows'
jsonl\t'Each JSON document on one line'"
complete -c payctl -n "__fish_payctl_using_subcommand orders; and not __fish_seen_subcommand_from get list ship complete help" -l no-color -d 'No colour, also on a terminal [env: NO_COLOR]'
complete -c payctl -n "__fish_payctl_using_subcommand orders; and not __fish_seen_subcommand_from get list ship complete help" -s q -l quiet -d 'Only data and errors'
complete -c payctl -n "__fish_payctl_using_subcommand orders; and not __fish_seen_subcommand_from get list ship complete help" -s h -l help -d 'Print help'
complete -c payctl -n "__fish_payctl_using_subcommand orders; and not __fish_seen_subcommand_from get list ship complete help" -f -a "get" -d 'Show one order, whether a platform runs or not'
complete -c payctl -n "__fish_payctl_using_subcommand orders; and not __fish_seen_subcommand_from get list ship complete help" -f -a "list" -d 'List orders, newest first, whether a platform runs or not'
complete -c payctl -n "__fish_payctl_using_subcommand orders; and not __fish_seen_subcommand_from get list ship complete help" -f -a "ship" -d 'Say that a paid order is on its way'
complete -c payctl -n "__fish_payctl_using_subcommand orders; and not __fish_seen_subcommand_from get list ship complete help" -f -a "complete" -d 'Say that a shipped order has arrived'
complete -c payctl -n "__fish_payctl_using_subcommand orders; and not __fish_seen_subcommand_from get list ship complete help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c payctl -n "__fish_payctl_using_subcommand orders; and __fish_seen_subcommand_from get" -l merchant -d 'Whose, where several merchants use the number; else the newest' -r
complete -c payctl -n "__fish_payctl_using_subcommand orders; and __fish_seen_subcommand_from get" -l data-dir -d 'Where the platform\'s data is [env: PAYCTL_DATA_DIR]' -r -f -a "(__fish_complete_directories)"
complete -c payctl -n "__fish_payctl_using_subcommand orders; and __fish_seen_subcommand_from get" -l port-offset -d 'Added to every port [env: PAYCTL_PORT_OFFSET]' -r
complete -c payctl -n "__fish_payctl_using_subcommand orders; and __fish_seen_subcommand_from get" -l config -d 'Read this file instead of ./payctl.toml [env: PAYCTL_CONFIG]' -r -F
complete -c payctl -n "__fish_payctl_using_subcommand orders; and __fish_seen_subcommand_from get" -l profile -d 'development, production [env: PAYCTL_PROFILE]' -r
complete -c payctl -n "__fish_payctl_using_subcommand orders; and __fish_seen_subcommand_from get" -s o -l output -d 'table or wide for people, json or jsonl for programs' -r -f -a "table\t'Tables for people'
wide\t'The same with more columns, where there are more'
json\t'One JSON document, or one a line where a command follows'
jsonl\t'Each JSON document on one line'"
complete -c payctl -n "__fish_payctl_using_subcommand orders; and __fish_seen_subcommand_from get" -l no-color -d 'No colour, also on a terminal [env: NO_COLOR]'
complete -c payctl -n "__fish_payctl_using_subcommand orders; and __fish_seen_subcommand_from get" -s q -l quiet -d 'Only data and errors'
complete -c payctl -n "__fish_payctl_using_subcommand orders; and __fish_seen_subcommand_from get" -s h -l help -d 'Print help'
complete -c payctl -n "__fish_payctl_using_subcommand orders; and __fish_seen_subcommand_from list" -l status -d 'Only where they stand so' -r -f -a "pending\t''
paid\t''
shipped\t''
completed\t''
cancelled\t''
expired\t''
refunded\t''"
complete -c payctl -n "__fish_payctl_using_subcommand orders; and __fish_seen_subcommand_from list" -l merchant -d 'Only this merchant\'s' -r
complete -c payctl -n "__fish_payctl_using_subcommand orders; and __fish_seen_subcommand_from list" -l currency -d 'Only in this currency' -r
complete -c payctl -n "__fish_payctl_using_subcommand orders; and __fish_seen_subcommand_from list" -l since -d 'Only made from this time on: 90s, 10m, 2h, 3d ago or RFC 3339' -r
complete -c payctl -n "__fish_payctl_using_subcommand orders; and __fish_seen_subcommand_from list" -l until -d 'Only made before this time' -r
complete -c payctl -n "__fish_payctl_using_subcommand orders; and __fish_seen_subcommand_from list" -l page -d 'Which page, from 1' -r
complete -c payctl -n "__fish_payctl_using_subcommand orders; and __fish_seen_subcommand_from list" -s n -l page-size -d 'How many a page' -r
complete -c payctl -n "__fish_payctl_using_subcommand orders; and __fish_seen_subcommand_from list" -l data-dir -d 'Where the platform\'s data is [env: PAYCTL_DATA_DIR]' -r -f -a "(__fish_complete_directories)"
complete -c payctl -n "__fish_payctl_using_subcommand orders; and __fish_seen_subcommand_from list" -l port-offset -d 'Added to every port [env: PAYCTL_PORT_OFFSET]' -r
complete -c payctl -n "__fish_payctl_using_subcommand orders; and __fish_seen_subcommand_from list" -l config -d 'Read this file instead of ./payctl.toml [env: PAYCTL_CONFIG]' -r -F
complete -c payctl -n "__fish_payctl_using_subcommand orders; and __fish_seen_subcommand_from list" -l profile -d 'development, production [env: PAYCTL_PROFILE]' -r
complete -c payctl -n "__fish_payctl_using_subcommand orders; and __fish_seen_subcommand_from list" -s o -l output -d 'table or wide for people, json or jsonl for programs' -r -f -a "table\t'Tables for people'
wide\t'The same with more columns, where there are more'
json\t'One JSON document, or one a line where a command follows'
jsonl\t'Each JSON document on one line'"
complete -c payctl -n "__fish_payctl_using_subcommand orders; and __fish_seen_subcommand_from list" -l no-color -d 'No colour, also on a terminal [env: NO_COLOR]'
complete -c payctl -n "__fish_payctl_using_subcommand orders; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Only data and errors'
complete -c payctl -n "__fish_payctl_using_subcommand orders; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help'
complete -c payctl -n "__fish_payctl_using_subcommand orders; and __fish_seen_subcommand_from ship" -l data-dir -d 'Where the platform\'s data is [env: PAYCTL_DATA_DIR]' -r -f -a "(__fish_complete_directories)"
complete -c payctl -n "__fish_payctl_using_subcommand orders; and __fish_seen_subcommand_from ship" -l port-offset -d 'Added to every port [env: PAYCTL_PORT_OFFSET]' -r
complete -c payctl -n "__fish_payctl_using_subcommand orders; and __fish_seen_subcommand_from ship" -l config -d 'Read this file instead of ./payctl.toml [env: PAYCTL_CONFIG]' -r -F
complete -c payctl -n "__fish_payctl_using_subcommand orders; and __fish_seen_subcommand_from ship" -l profile -d 'development, production [env: PAYCTL_PROFILE]' -r
complete -c payctl -n "__fish_payctl_using_subcommand orders; and __fish_seen_subcommand_from ship" -s o -l output -d 'table or wide for people, json or jsonl for programs' -r -f -a "table\t'Tables for people'
wide\t'The same with more columns, where there are more'
json\t'One JSON document, or one a line where a command follows'
jsonl\t'Each JSON document on one line'"
complete -c payctl -n "__fish_payctl_using_subcommand orders; and __fish_seen_subcommand_from ship" -l no-color -d 'No colour, also on a terminal [env: NO_COLOR]'
complete -c payctl -n "__fish_payctl_using_subcommand orders; and __fish_seen_subcommand_from ship" -s q -l quiet -d 'Only data and errors'
complete -c payctl -n "__fish_payctl_using_subcommand orders; and __fish_seen_subcommand_from ship" -s h -l help -d 'Print help'
complete -c payctl -n "__fish_payctl_using_subcommand orders; and __fish_seen_subcommand_from complete" -l data-dir -d 'Where the platform\'s data is [env: PAYCTL_DATA_DIR]' -r -f -a "(__fish_complete_directories)"
complete -c payctl -n "__fish_payctl_using_subcommand orders; and __fish_seen_subcommand_from complete" -l port-offset -d 'Added to every port [env: PAYCTL_PORT_OFFSET]' -r
complete -c payctl -n "__fish_payctl_using_subcommand orders; and __fish_seen_subcommand_from complete" -l config -d 'Read this file instead of ./payctl.toml [env: PAYCTL_CONFIG]' -r -F
complete -c payctl -n "__fish_payctl_using_subcommand orders; and __fish_seen_subcommand_from complete" -l profile -d 'development, production [env: PAYCTL_PROFILE]' -r
complete -c payctl -n "__fish_payctl_using_subcommand orders; and __fish_seen_subcommand_from complete" -s o -l output -d 'table or wide for people, json or jsonl for programs' -r -f -a "table\t'Tables for people'
wide\t'The same with more columns, where there are more'
json\t'One JSON document, or one a line where a command follows'
jsonl\t'Each JSON document on one line'"
complete -c payctl -n "__fish_payctl_using_subcommand orders; and __fish_seen_subcommand_from complete" -l no-color -d 'No colour, also on a terminal [env: NO_COLOR]'
complete -c payctl -n "__fish_payctl_using_subcommand orders; and __fish_seen_subcommand_from complete" -s q -l quiet -d 'Only data and errors'
complete -c payctl -n "__fish_payctl_using_subcommand orders; and __fish_seen_subcommand_from complete" -s h -l help -d 'Print help'
complete -c payctl -n "__fish_payctl_using_subcommand orders; and __fish_seen_subcommand_from help" -f -a "get" -d 'Show one order, whether a platform runs or not'
complete -c payctl -n "__fish_payctl_using_subcommand orders; and __fish_seen_subcommand_from help" -f -a "list" -d 'List orders, newest first, whether a platform runs or not'
complete -c payctl -n "__fish_payctl_using_subcommand orders; and __fish_seen_subcommand_from help" -f -a "ship" -d 'Say that a paid order is on its way'
complete -c payctl -n "__fish_payctl_using_subcommand orders; and __fish_seen_subcommand_from help" -f -a "complete" -d 'Say that a shipped order has arrived'
complete -c payctl -n "__fish_payctl_using_subcommand orders; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c payctl -n "__fish_payctl_using_subcommand topics; and not __fish_seen_subcommand_from list describe init tail produce help" -l data-dir -d 'Where the platform\'s data is [env: PAYCTL_DATA_DIR]' -r -f -a "(__fish_complete_directories)"
complete -c payctl -n "__fish_payctl_using_subcommand topics; and not __fish_seen_subcommand_from list describe init tail produce help" -l port-offset -d 'Added to every port [env: PAYCTL_PORT_OFFSET]' -r
complete -c payctl -n "__fish_payctl_using_subcommand topics; and not __fish_seen_subcommand_from list describe init tail produce help" -l config -d 'Read this file instead of ./payctl.toml [env: PAYCTL_CONFIG]' -r -F
complete -c payctl -n "__fish_payctl_using_subcommand topics; and not __fish_seen_subcommand_from list describe init tail produce help" -l profile -d 'development, production [env: PAYCTL_PROFILE]' -r
complete -c payctl -n "__fish_payctl_using_subcommand topics; and not __fish_seen_subcommand_from list describe init tail produce help" -s o -l output -d 'table or wide for people, json or jsonl for programs' -r -f -a "table\t'Tables for people'
wide\t'The same with more columns, where there are more'
json\t'One JSON document, or one a line where a command follows'
jsonl\t'Each JSON document on one line'"
complete -c payctl -n "__fish_payctl_using_subcommand topics; and not __fish_seen_subcommand_from list describe init tail produce help" -l no-color -d 'No colour, also on a terminal [env: NO_COLOR]'
complete -c payctl -n "__fish_payctl_using_subcommand topics; and not __fish_seen_subcommand_from list describe init tail produce help" -s q -l quiet -d 'Only data and errors'
complete -c payctl -n "__fish_payctl_using_subcommand topics; and not __fish_seen_subcommand_from list describe init tail produce help" -s h -l help -d 'Print help'
complete -c payctl -n "__fish_payctl_using_subcommand topics; and not __fish_seen_subcommand_from list describe init tail produce help" -f -a "list" -d 'List the topics with their partitions, retention and records'
complete -c payctl -n "__fish_payctl_using_subcommand topics; and not __fish_seen_subcommand_from list describe init tail produce help" -f -a "describe" -d 'Show one topic: its partitions with their offsets, its retention, its copies, and what is not as it should be'
complete -c payctl -n "__fish_payctl_using_subcommand topics; and not __fish_seen_subcommand_from list describe init tail produce help" -f -a "init" -d 'Create the topics that are missing on the brokers, and say where one is not as it should be'
complete -c payctl -n "__fish_payctl_using_subcommand topics; and not __fish_seen_subcommand_from list describe init tail produce help" -f -a "tail" -d 'Show the last records of topics, merged by time; -f goes on'
complete -c payctl -n "__fish_payctl_using_subcommand topics; and not __fish_seen_subcommand_from list describe init tail produce help" -f -a "produce" -d 'Put records on a topic of the brokers, as `payctl topics tail --raw -o jsonl` has written them'
complete -c payctl -n "__fish_payctl_using_subcommand topics; and not __fish_seen_subcommand_from list describe init tail produce help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c payctl -n "__fish_payctl_using_subcommand topics; and __fish_seen_subcommand_from list" -l data-dir -d 'Where the platform\'s data is [env: PAYCTL_DATA_DIR]' -r -f -a "(__fish_complete_directories)"
complete -c payctl -n "__fish_payctl_using_subcommand topics; and __fish_seen_subcommand_from list" -l port-offset -d 'Added to every port [env: PAYCTL_PORT_OFFSET]' -r
complete -c payctl -n "__fish_payctl_using_subcommand topics; and __fish_seen_subcommand_from list" -l config -d 'Read this file instead of ./payctl.toml [env: PAYCTL_CONFIG]' -r -F
complete -c payctl -n "__fish_payctl_using_subcommand topics; and __fish_seen_subcommand_from list" -l profile -d 'development, production [env: PAYCTL_PROFILE]' -r
complete -c payctl -n "__fish_payctl_using_subcommand topics; and __fish_seen_subcommand_from list" -s o -l output -d 'table or wide for people, json or jsonl for programs' -r -f -a "table\t'Tables for people'
wide\t'The same with more columns, where there are more'
json\t'One JSON document, or one a line where a command follows'
jsonl\t'Each JSON document on one line'"
complete -c payctl -n "__fish_payctl_using_subcommand topics; and __fish_seen_subcommand_from list" -l no-color -d 'No colour, also on a terminal [env: NO_COLOR]'
complete -c payctl -n "__fish_payctl_using_subcommand topics; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Only data and errors'
complete -c payctl -n "__fish_payctl_using_subcommand topics; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help'
complete -c payctl -n "__fish_payctl_using_subcommand topics; and __fish_seen_subcommand_from describe" -l data-dir -d 'Where the platform\'s data is [env: PAYCTL_DATA_DIR]' -r -f -a "(__fish_complete_directories)"
complete -c payctl -n "__fish_payctl_using_subcommand topics; and __fish_seen_subcommand_from describe" -l port-offset -d 'Added to every port [env: PAYCTL_PORT_OFFSET]' -r
complete -c payctl -n "__fish_payctl_using_subcommand topics; and __fish_seen_subcommand_from describe" -l config -d 'Read this file instead of ./payctl.toml [env: PAYCTL_CONFIG]' -r -F
complete -c payctl -n "__fish_payctl_using_subcommand topics; and __fish_seen_subcommand_from describe" -l profile -d 'development, production [env: PAYCTL_PROFILE]' -r
complete -c payctl -n "__fish_payctl_using_subcommand topics; and __fish_seen_subcommand_from describe" -s o -l output -d 'table or wide for people, json or jsonl for programs' -r -f -a "table\t'Tables for people'
wide\t'The same with more columns, where there are more'
json\t'One JSON document, or one a line where a command follows'
jsonl\t'Each JSON document on one line'"
complete -c payctl -n "__fish_payctl_using_subcommand topics; and __fish_seen_subcommand_from describe" -l no-color -d 'No colour, also on a terminal [env: NO_COLOR]'
complete -c payctl -n "__fish_payctl_using_subcommand topics; and __fish_seen_subcommand_from describe" -s q -l quiet -d 'Only data and errors'
complete -c payctl -n "__fish_payctl_using_subcommand topics; and __fish_seen_subcommand_from describe" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c payctl -n "__fish_payctl_using_subcommand topics; and __fish_seen_subcommand_from init" -l data-dir -d 'Where the platform\'s data is [env: PAYCTL_DATA_DIR]' -r -f -a "(__fish_complete_directories)"
complete -c payctl -n "__fish_payctl_using_subcommand topics; and __fish_seen_subcommand_from init" -l port-offset -d 'Added to every port [env: PAYCTL_PORT_OFFSET]' -r
complete -c payctl -n "__fish_payctl_using_subcommand topics; and __fish_seen_subcommand_from init" -l config -d 'Read this file instead of ./payctl.toml [env: PAYCTL_CONFIG]' -r -F
complete -c payctl -n "__fish_payctl_using_subcommand topics; and __fish_seen_subcommand_from init" -l profile -d 'development, production [env: PAYCTL_PROFILE]' -r
complete -c payctl -n "__fish_payctl_using_subcommand topics; and __fish_seen_subcommand_from init" -s o -l output -d 'table or wide for people, json or jsonl for programs' -r -f -a "table\t'Tables for people'
wide\t'The same with more columns, where there are more'
json\t'One JSON document, or one a line where a command follows'
jsonl\t'Each JSON document on one line'"
complete -c payctl -n "__fish_payctl_using_subcommand topics; and __fish_seen_subcommand_from init" -l check -d 'Create nothing; exit 3 where a topic is missing or differs'
complete -c payctl -n "__fish_payctl_using_subcommand topics; and __fish_seen_subcommand_from init" -l no-color -d 'No colour, also on a terminal [env: NO_COLOR]'
complete -c payctl -n "__fish_payctl_using_subcommand topics; and __fish_seen_subcommand_from init" -s q -l quiet -d 'Only data and errors'
complete -c payctl -n "__fish_payctl_using_subcommand topics; and __fish_seen_subcommand_from init" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c payctl -n "__fish_payctl_using_subcommand topics; and __fish_seen_subcommand_from tail" -s n -l last -d 'The last N records; 10, or all of --since or --from-offset' -r
complete -c payctl -n "__fish_payctl_using_subcommand topics; and __fish_seen_subcommand_from tail" -l since -d 'Only records from this time on: 90s, 10m, 2h, 3d ago or RFC 3339' -r
complete -c payctl -n "__fish_payctl_using_subcommand topics; and __fish_seen_subcommand_from tail" -l until -d 'Only records up to this time' -r
complete -c payctl -n "__fish_payctl_using_subcommand topics; and __fish_seen_subcommand_from tail" -l from-offset -d 'Only records from this offset of each partition on' -r
complete -c payctl -n "__fish_payctl_using_subcommand topics; and __fish_seen_subcommand_from tail" -s p -l partition -d 'Only this partition' -r
complete -c payctl -n "__fish_payctl_using_subcommand topics; and __fish_seen_subcommand_from tail" -l key -d 'Only records with this key, which is the merchant' -r
complete -c payctl -n "__fish_payctl_using_subcommand topics; and __fish_seen_subcommand_from tail" -l header -d 'Only records with this header; may be repeated' -r
complete -c payctl -n "__fish_payctl_using_subcommand topics; and __fish_seen_subcommand_from tail" -l payment -d 'Only records that name this payment' -r
complete -c payctl -n "__fish_payctl_using_subcommand topics; and __fish_seen_subcommand_from tail" -l where -d 'Only records whose decoded fields pass: FIELD OP VALUE, joined by \'and\'; OP is =, !=, >, >=, <, <= or ~ (contains)' -r
complete -c payctl -n "__fish_payctl_using_subcommand topics; and __fish_seen_subcommand_from tail" -l by -d 'Who looks at what is unmasked; kept in the audit trail' -r
complete -c payctl -n "__fish_payctl_using_subcommand topics; and __fish_seen_subcommand_from tail" -l data-dir -d 'Where the platform\'s data is [env: PAYCTL_DATA_DIR]' -r -f -a "(__fish_complete_directories)"
complete -c payctl -n "__fish_payctl_using_subcommand topics; and __fish_seen_subcommand_from tail" -l port-offset -d 'Added to every port [env: PAYCTL_PORT_OFFSET]' -r
complete -c payctl -n "__fish_payctl_using_subcommand topics; and __fish_seen_subcommand_from tail" -l config -d 'Read this file instead of ./payctl.toml [env: PAYCTL_CONFIG]' -r -F
complete -c payctl -n "__fish_payctl_using_subcommand topics; and __fish_seen_subcommand_from tail" -l profile -d 'development, production [env: PAYCTL_PROFILE]' -r
complete -c payctl -n "__fish_payctl_using_subcommand topics; and __fish_seen_subcommand_from tail" -s o -l output -d 'table or wide for people, json or jsonl for programs' -r -f -a "table\t'Tables for people'
wide\t'The same with more columns, where there are more'
json\t'One JSON document, or one a line where a command follows'
jsonl\t'Each JSON document on one line'"
complete -c payctl -n "__fish_payctl_using_subcommand topics; and __fish_seen_subcommand_from tail" -s f -l follow -d 'Go on with what comes, until Ctrl-C'
complete -c payctl -n "__fish_payctl_using_subcommand topics; and __fish_seen_subcommand_from tail" -l expand -d 'Each record over several lines, with headers and all that it says'
complete -c payctl -n "__fish_payctl_using_subcommand topics; and __fish_seen_subcommand_from tail" -l raw -d 'Values as they lie there, unmasked, one a line; with -o jsonl for payctl topics produce. In production audit.logs keeps it'
complete -c payctl -n "__fish_payctl_using_subcommand topics; and __fish_seen_subcommand_from tail" -l no-color -d 'No colour, also on a terminal [env: NO_COLOR]'
complete -c payctl -n "__fish_payctl_using_subcommand topics; and __fish_seen_subcommand_from tail" -s q -l quiet -d 'Only data and errors'
complete -c payctl -n "__fish_payctl_using_subcommand topics; and __fish_seen_subcommand_from tail" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c payctl -n "__fish_payctl_using_subcommand topics; and __fish_seen_subcommand_from produce" -l reason -d 'Why; kept in the audit trail' -r
complete -c payctl -n "__fish_payctl_using_subcommand topics; and __fish_seen_subcommand_from produce" -l by -d 'Who does it; kept in the audit trail' -r
complete -c payctl -n "__fish_payctl_using_subcommand topics; and __fish_seen_subcommand_from produce" -l data-dir -d 'Where the platform\'s data is [env: PAYCTL_DATA_DIR]' -r -f -a "(__fish_complete_directories)"
complete -c payctl -n "__fish_payctl_using_subcommand topics; and __fish_seen_subcommand_from produce" -l port-offset -d 'Added to every port [env: PAYCTL_PORT_OFFSET]' -r
complete -c payctl -n "__fish_payctl_using_subcommand topics; and __fish_seen_subcommand_from produce" -l config -d 'Read this file instead of ./payctl.toml [env: PAYCTL_CONFIG]' -r -F
complete -c payctl -n "__fish_payctl_using_subcommand topics; and __fish_seen_subcommand_from produce" -l profile -d 'development, production [env: PAYCTL_PROFILE]' -r
complete -c payctl -n "__fish_payctl_using_subcommand topics; and __fish_seen_subcommand_from produce" -s o -l output -d 'table or wide for people, json or jsonl for programs' -r -f -a "table\t'Tables for people'
wide\t'The same with more columns, where there are more'
json\t'One JSON document, or one a line where a command follows'
jsonl\t'Each JSON document on one line'"
complete -c payctl -n "__fish_payctl_using_subcommand topics; and __fish_seen_subcommand_from produce" -l i-know -d 'In production: that services act on what is published here is meant'
complete -c payctl -n "__fish_payctl_using_subcommand topics; and __fish_seen_subcommand_from produce" -l execute -d 'Do it, instead of showing what would be done'
complete -c payctl -n "__fish_payctl_using_subcommand topics; and __fish_seen_subcommand_from produce" -l no-color -d 'No colour, also on a terminal [env: NO_COLOR]'
complete -c payctl -n "__fish_payctl_using_subcommand topics; and __fish_seen_subcommand_from produce" -s q -l quiet -d 'Only data and errors'
complete -c payctl -n "__fish_payctl_using_subcommand topics; and __fish_seen_subcommand_from produce" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c payctl -n "__fish_payctl_using_subcommand topics; and __fish_seen_subcommand_from help" -f -a "list" -d 'List the topics with their partitions, retention and records'
complete -c payctl -n "__fish_payctl_using_subcommand topics; and __fish_seen_subcommand_from help" -f -a "describe" -d 'Show one topic: its partitions with their offsets, its retention, its copies, and what is not as it should be'
complete -c payctl -n "__fish_payctl_using_subcommand topics; and __fish_seen_subcommand_from help" -f -a "init" -d 'Create the topics that are missing on the brokers, and say where one is not as it should be'
complete -c payctl -n "__fish_payctl_using_subcommand topics; and __fish_seen_subcommand_from help" -f -a "tail" -d 'Show the last records of topics, merged by time; -f goes on'
complete -c payctl -n "__fish_payctl_using_subcommand topics; and __fish_seen_subcommand_from help" -f -a "produce" -d 'Put records on a topic of the brokers, as `payctl topics tail --raw -o jsonl` has written them'
complete -c payctl -n "__fish_payctl_using_subcommand topics; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c payctl -n "__fish_payctl_using_subcommand events; and not __fish_seen_subcommand_from list show replay republish help" -l data-dir -d 'Where the platform\'s data is [env: PAYCTL_DATA_DIR]' -r -f -a "(__fish_complete_directories)"
complete -c payctl -n "__fish_payctl_using_subcommand events; and not __fish_seen_subcommand_from list show replay republish help" -l port-offset -d 'Added to every port [env: PAYCTL_PORT_OFFSET]' -r
complete -c payctl -n "__fish_payctl_using_subcommand events; and not __fish_seen_subcommand_from list show replay republish help" -l config -d 'Read this file instead of ./payctl.toml [env: PAYCTL_CONFIG]' -r -F
complete -c payctl -n "__fish_payctl_using_subcommand events; and not __fish_seen_subcommand_from list show replay republish help" -l profile -d 'development, production [env: PAYCTL_PROFILE]' -r
complete -c payctl -n "__fish_payctl_using_subcommand events; and not __fish_seen_subcommand_from list show replay republish help" -s o -l output -d 'table or wide for people, json or jsonl for programs' -r -f -a "table\t'Tables for people'
wide\t'The same with more columns, where there are more'
json\t'One JSON document, or one a line where a command follows'
jsonl\t'Each JSON document on one line'"
complete -c payctl -n "__fish_payctl_using_subcommand events; and not __fish_seen_subcommand_from list show replay republish help" -l no-color -d 'No colour, also on a terminal [env: NO_COLOR]'
complete -c payctl -n "__fish_payctl_using_subcommand events; and not __fish_seen_subcommand_from list show replay republish help" -s q -l quiet -d 'Only data and errors'
complete -c payctl -n "__fish_payctl_using_subcommand events; and not __fish_seen_subcommand_from list show replay republish help" -s h -l help -d 'Print help'
complete -c payctl -n "__fish_payctl_using_subcommand events; and not __fish_seen_subcommand_from list show replay republish help" -f -a "list" -d 'List stored events, newest last, whether a platform runs or not'
complete -c payctl -n "__fish_payctl_using_subcommand events; and not __fish_seen_subcommand_from list show replay republish help" -f -a "show" -d 'Show one event: what it says, where it lies on the log, and which groups have applied it'
complete -c payctl -n "__fish_payctl_using_subcommand events; and not __fish_seen_subcommand_from list show replay republish help" -f -a "replay" -d 'Rebuild payments, orders, books and metrics from the stored events alone, and compare'
complete -c payctl -n "__fish_payctl_using_subcommand events; and not __fish_seen_subcommand_from list show replay republish help" -f -a "republish" -d 'Fill a topic again from the permanent event store, in the order of each aggregate'
complete -c payctl -n "__fish_payctl_using_subcommand events; and not __fish_seen_subcommand_from list show replay republish help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c payctl -n "__fish_payctl_using_subcommand events; and __fish_seen_subcommand_from list" -l type -d 'Only of this type, such as payment.success' -r -f -a "payment.created\t''
payment.processing\t''
payment.success\t''
payment.failed\t''
payment.cancelled\t''
payment.expired\t''
channel.payout.paid\t''
channel.payout.failed\t''
refund.created\t''
refund.processing\t''
refund.success\t''
refund.failed\t''
refund.reversed\t''
dispute.withdrawn\t''
dispute.reinstated\t''
order.created\t''
order.paid\t''
order.cancelled\t''
order.expired\t''
order.refunded\t''
order.shipped\t''
order.completed\t''
accounting.transaction.created\t''
accounting.balance.updated\t''
settlement.created\t''
settlement.approved\t''
settlement.rejected\t''
settlement.processing\t''
settlement.completed\t''
settlement.failed\t''
withdrawal.created\t''
withdrawal.approved\t''
withdrawal.rejected\t''
withdrawal.processing\t''
withdrawal.success\t''
withdrawal.failed\t''
withdrawal.cancelled\t''
withdrawal.returned\t''
merchant.created\t''
merchant.approved\t''
merchant.frozen\t''
merchant.unfrozen\t''
merchant.updated\t''
analytics.metrics.updated\t''
notification.requested\t''
saga.started\t''
saga.compensating\t''
audit.recorded\t''"
complete -c payctl -n "__fish_payctl_using_subcommand events; and __fish_seen_subcommand_from list" -l aggregate -d 'Only of this aggregate: a payment number, MERCHANT/ORDER, a transaction number' -r
complete -c payctl -n "__fish_payctl_using_subcommand events; and __fish_seen_subcommand_from list" -l merchant -d 'Only of this merchant' -r
complete -c payctl -n "__fish_payctl_using_subcommand events; and __fish_seen_subcommand_from list" -l topic -d 'Only on this topic' -r -f -a "payment.events\t''
payment.refund.events\t''
order.events\t''
accounting.events\t''
settlement.events\t''
withdrawal.events\t''
merchant.events\t''
notifications.email\t''
notifications.sms\t''
notifications.webhook\t''
saga.payment.start\t''
saga.payment.compensate\t''
analytics.events\t''
audit.logs\t''
dlq.payment\t''
dlq.notification\t''"
complete -c payctl -n "__fish_payctl_using_subcommand events; and __fish_seen_subcommand_from list" -l since -d 'Only stored from this time on: 90s, 10m, 2h, 3d ago or RFC 3339' -r
complete -c payctl -n "__fish_payctl_using_subcommand events; and __fish_seen_subcommand_from list" -l until -d 'Only stored before this time' -r
complete -c payctl -n "__fish_payctl_using_subcommand events; and __fish_seen_subcommand_from list" -s n -l last -d 'The last N that fit' -r
complete -c payctl -n "__fish_payctl_using_subcommand events; and __fish_seen_subcommand_from list" -l data-dir -d 'Where the platform\'s data is [env: PAYCTL_DATA_DIR]' -r -f -a "(__fish_complete_directories)"
complete -c payctl -n "__fish_payctl_using_subcommand events; and __fish_seen_subcommand_from list" -l port-offset -d 'Added to every port [env: PAYCTL_PORT_OFFSET]' -r
complete -c payctl -n "__fish_payctl_using_subcommand events; and __fish_seen_subcommand_from list" -l config -d 'Read this file instead of ./payctl.toml [env: PAYCTL_CONFIG]' -r -F
complete -c payctl -n "__fish_payctl_using_subcommand events; and __fish_seen_subcommand_from list" -l profile -d 'development, production [env: PAYCTL_PROFILE]' -r
complete -c payctl -n "__fish_payctl_using_subcommand events; and __fish_seen_subcommand_from list" -s o -l output -d 'table or wide for people, json or jsonl for programs' -r -f -a "table\t'Tables for people'
wide\t'The same with more columns, where there are more'
json\t'One JSON document, or one a line where a command follows'
jsonl\t'Each JSON document on one line'"
complete -c payctl -n "__fish_payctl_using_subcommand events; and __fish_seen_subcommand_from list" -l no-color -d 'No colour, also on a terminal [env: NO_COLOR]'
complete -c payctl -n "__fish_payctl_using_subcommand events; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Only data and errors'
complete -c payctl -n "__fish_payctl_using_subcommand events; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c payctl -n "__fish_payctl_using_subcommand events; and __fish_seen_subcommand_from show" -l data-dir -d 'Where the platform\'s data is [env: PAYCTL_DATA_DIR]' -r -f -a "(__fish_complete_directories)"
complete -c payctl -n "__fish_payctl_using_subcommand events; and __fish_seen_subcommand_from show" -l port-offset -d 'Added to every port [env: PAYCTL_PORT_OFFSET]' -r
complete -c payctl -n "__fish_payctl_using_subcommand events; and __fish_seen_subcommand_from show" -l config -d 'Read this file instead of ./payctl.toml [env: PAYCTL_CONFIG]' -r -F
complete -c payctl -n "__fish_payctl_using_subcommand events; and __fish_seen_subcommand_from show" -l profile -d 'development, production [env: PAYCTL_PROFILE]' -r
complete -c payctl -n "__fish_payctl_using_subcommand events; and __fish_seen_subcommand_from show" -s o -l output -d 'table or wide for people, json or jsonl for programs' -r -f -a "table\t'Tables for people'
wide\t'The same with more columns, where there are more'
json\t'One JSON document, or one a line where a command follows'
jsonl\t'Each JSON document on one line'"
complete -c payctl -n "__fish_payctl_using_subcommand events; and __fish_seen_subcommand_from show" -l no-color -d 'No colour, also on a terminal [env: NO_COLOR]'
complete -c payctl -n "__fish_payctl_using_subcommand events; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Only data and errors'
complete -c payctl -n "__fish_payctl_using_subcommand events; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c payctl -n "__fish_payctl_using_subcommand events; and __fish_seen_subcommand_from replay" -l into -d 'Where the events go: shadow, which is kept in memory and ends with the command' -r -f -a "shadow\t''"
complete -c payctl -n "__fish_payctl_using_subcommand events; and __fish_seen_subcommand_from replay" -l data-dir -d 'Where the platform\'s data is [env: PAYCTL_DATA_DIR]' -r -f -a "(__fish_complete_directories)"
complete -c payctl -n "__fish_payctl_using_subcommand events; and __fish_seen_subcommand_from replay" -l port-offset -d 'Added to every port [env: PAYCTL_PORT_OFFSET]' -r
complete -c payctl -n "__fish_payctl_using_subcommand events; and __fish_seen_subcommand_from replay" -l config -d 'Read this file instead of ./payctl.toml [env: PAYCTL_CONFIG]' -r -F
complete -c payctl -n "__fish_payctl_using_subcommand events; and __fish_seen_subcommand_from replay" -l profile -d 'development, production [env: PAYCTL_PROFILE]' -r
complete -c payctl -n "__fish_payctl_using_subcommand events; and __fish_seen_subcommand_from replay" -s o -l output -d 'table or wide for people, json or jsonl for programs' -r -f -a "table\t'Tables for people'
wide\t'The same with more columns, where there are more'
json\t'One JSON document, or one a line where a command follows'
jsonl\t'Each JSON document on one line'"
complete -c payctl -n "__fish_payctl_using_subcommand events; and __fish_seen_subcommand_from replay" -l diff -d 'Compare with the live tables'
complete -c payctl -n "__fish_payctl_using_subcommand events; and __fish_seen_subcommand_from replay" -l no-color -d 'No colour, also on a terminal [env: NO_COLOR]'
complete -c payctl -n "__fish_payctl_using_subcommand events; and __fish_seen_subcommand_from replay" -s q -l quiet -d 'Only data and errors'
complete -c payctl -n "__fish_payctl_using_subcommand events; and __fish_seen_subcommand_from replay" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c payctl -n "__fish_payctl_using_subcommand events; and __fish_seen_subcommand_from republish" -l topic -d 'Which topic' -r -f -a "payment.events\t''
payment.refund.events\t''
order.events\t''
accounting.events\t''
settlement.events\t''
withdrawal.events\t''
merchant.events\t''
notifications.email\t''
notifications.sms\t''
notifications.webhook\t''
saga.payment.start\t''
saga.payment.compensate\t''
analytics.events\t''
audit.logs\t''
dlq.payment\t''
dlq.notification\t''"
complete -c payctl -n "__fish_payctl_using_subcommand events; and __fish_seen_subcommand_from republish" -s p -l partition -d 'Only this partition' -r
complete -c payctl -n "__fish_payctl_using_subcommand events; and __fish_seen_subcommand_from republish" -l from -d 'Only events stored from this time on: 90s, 10m, 2h, 3d ago or RFC 3339' -r
complete -c payctl -n "__fish_payctl_using_subcommand events; and __fish_seen_subcommand_from republish" -l data-dir -d 'Where the platform\'s data is [env: PAYCTL_DATA_DIR]' -r -f -a "(__fish_complete_directories)"
complete -c payctl -n "__fish_payctl_using_subcommand events; and __fish_seen_subcommand_from republish" -l port-offset -d 'Added to every port [env: PAYCTL_PORT_OFFSET]' -r
complete -c payctl -n "__fish_payctl_using_subcommand events; and __fish_seen_subcommand_from republish" -l config -d 'Read this file instead of ./payctl.toml [env: PAYCTL_CONFIG]' -r -F
complete -c payctl -n "__fish_payctl_using_subcommand events; and __fish_seen_subcommand_from republish" -l profile -d 'development, production [env: PAYCTL_PROFILE]' -r
complete -c payctl -n "__fish_payctl_using_subcommand events; and __fish_seen_subcommand_from republish" -s o -l output -d 'table or wide for people, json or jsonl for programs' -r -f -a "table\t'Tables for people'
wide\t'The same with more columns, where there are more'
json\t'One JSON document, or one a line where a command follows'
jsonl\t'Each JSON document on one line'"
complete -c payctl -n "__fish_payctl_using_subcommand events; and __fish_seen_subcommand_from republish" -l all -d 'Every event of the topic'
complete -c payctl -n "__fish_payctl_using_subcommand events; and __fish_seen_subcommand_from republish" -l execute -d 'Do it, instead of showing what would be done'
complete -c payctl -n "__fish_payctl_using_subcommand events; and __fish_seen_subcommand_from republish" -l no-color -d 'No colour, also on a terminal [env: NO_COLOR]'
complete -c payctl -n "__fish_payctl_using_subcommand events; and __fish_seen_subcommand_from republish" -s q -l quiet -d 'Only data and errors'
complete -c payctl -n "__fish_payctl_using_subcommand events; and __fish_seen_subcommand_from republish" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c payctl -n "__fish_payctl_using_subcommand events; and __fish_seen_subcommand_from help" -f -a "list" -d 'List stored events, newest last, whether a platform runs or not'
complete -c payctl -n "__fish_payctl_using_subcommand events; and __fish_seen_subcommand_from help" -f -a "show" -d 'Show one event: what it says, where it lies on the log, and which groups have applied it'
complete -c payctl -n "__fish_payctl_using_subcommand events; and __fish_seen_subcommand_from help" -f -a "replay" -d 'Rebuild payments, orders, books and metrics from the stored events alone, and compare'
complete -c payctl -n "__fish_payctl_using_subcommand events; and __fish_seen_subcommand_from help" -f -a "republish" -d 'Fill a topic again from the permanent event store, in the order of each aggregate'
complete -c payctl -n "__fish_payctl_using_subcommand events; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c payctl -n "__fish_payctl_using_subcommand groups; and not __fish_seen_subcommand_from list describe reset-offsets help" -l data-dir -d 'Where the platform\'s data is [env: PAYCTL_DATA_DIR]' -r -f -a "(__fish_complete_directories)"
complete -c payctl -n "__fish_payctl_using_subcommand groups; and not __fish_seen_subcommand_from list describe reset-offsets help" -l port-offset -d 'Added to every port [env: PAYCTL_PORT_OFFSET]' -r
complete -c payctl -n "__fish_payctl_using_subcommand groups; and not __fish_seen_subcommand_from list describe reset-offsets help" -l config -d 'Read this file instead of ./payctl.toml [env: PAYCTL_CONFIG]' -r -F
complete -c payctl -n "__fish_payctl_using_subcommand groups; and not __fish_seen_subcommand_from list describe reset-offsets help" -l profile -d 'development, production [env: PAYCTL_PROFILE]' -r
complete -c payctl -n "__fish_payctl_using_subcommand groups; and not __fish_seen_subcommand_from list describe reset-offsets help" -s o -l output -d 'table or wide for people, json or jsonl for programs' -r -f -a "table\t'Tables for people'
wide\t'The same with more columns, where there are more'
json\t'One JSON document, or one a line where a command follows'
jsonl\t'Each JSON document on one line'"
complete -c payctl -n "__fish_payctl_using_subcommand groups; and not __fish_seen_subcommand_from list describe reset-offsets help" -l no-color -d 'No colour, also on a terminal [env: NO_COLOR]'
complete -c payctl -n "__fish_payctl_using_subcommand groups; and not __fish_seen_subcommand_from list describe reset-offsets help" -s q -l quiet -d 'Only data and errors'
complete -c payctl -n "__fish_payctl_using_subcommand groups; and not __fish_seen_subcommand_from list describe reset-offsets help" -s h -l help -d 'Print help'
complete -c payctl -n "__fish_payctl_using_subcommand groups; and not __fish_seen_subcommand_from list describe reset-offsets help" -f -a "list" -d 'List the groups with their members, what these do, and how far they are behind'
complete -c payctl -n "__fish_payctl_using_subcommand groups; and not __fish_seen_subcommand_from list describe reset-offsets help" -f -a "describe" -d 'Show one group: its members, and where it stands in each partition'
complete -c payctl -n "__fish_payctl_using_subcommand groups; and not __fish_seen_subcommand_from list describe reset-offsets help" -f -a "reset-offsets" -d 'Set a group to another place of a topic, such as the start of one that was made anew'
complete -c payctl -n "__fish_payctl_using_subcommand groups; and not __fish_seen_subcommand_from list describe reset-offsets help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c payctl -n "__fish_payctl_using_subcommand groups; and __fish_seen_subcommand_from list" -l data-dir -d 'Where the platform\'s data is [env: PAYCTL_DATA_DIR]' -r -f -a "(__fish_complete_directories)"
complete -c payctl -n "__fish_payctl_using_subcommand groups; and __fish_seen_subcommand_from list" -l port-offset -d 'Added to every port [env: PAYCTL_PORT_OFFSET]' -r
complete -c payctl -n "__fish_payctl_using_subcommand groups; and __fish_seen_subcommand_from list" -l config -d 'Read this file instead of ./payctl.toml [env: PAYCTL_CONFIG]' -r -F
complete -c payctl -n "__fish_payctl_using_subcommand groups; and __fish_seen_subcommand_from list" -l profile -d 'development, production [env: PAYCTL_PROFILE]' -r
complete -c payctl -n "__fish_payctl_using_subcommand groups; and __fish_seen_subcommand_from list" -s o -l output -d 'table or wide for people, json or jsonl for programs' -r -f -a "table\t'Tables for people'
wide\t'The same with more columns, where there are more'
json\t'One JSON document, or one a line where a command follows'
jsonl\t'Each JSON document on one line'"
complete -c payctl -n "__fish_payctl_using_subcommand groups; and __fish_seen_subcommand_from list" -l no-color -d 'No colour, also on a terminal [env: NO_COLOR]'
complete -c payctl -n "__fish_payctl_using_subcommand groups; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Only data and errors'
complete -c payctl -n "__fish_payctl_using_subcommand groups; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c payctl -n "__fish_payctl_using_subcommand groups; and __fish_seen_subcommand_from describe" -l data-dir -d 'Where the platform\'s data is [env: PAYCTL_DATA_DIR]' -r -f -a "(__fish_complete_directories)"
complete -c payctl -n "__fish_payctl_using_subcommand groups; and __fish_seen_subcommand_from describe" -l port-offset -d 'Added to every port [env: PAYCTL_PORT_OFFSET]' -r
complete -c payctl -n "__fish_payctl_using_subcommand groups; and __fish_seen_subcommand_from describe" -l config -d 'Read this file instead of ./payctl.toml [env: PAYCTL_CONFIG]' -r -F
complete -c payctl -n "__fish_payctl_using_subcommand groups; and __fish_seen_subcommand_from describe" -l profile -d 'development, production [env: PAYCTL_PROFILE]' -r
complete -c payctl -n "__fish_payctl_using_subcommand groups; and __fish_seen_subcommand_from describe" -s o -l output -d 'table or wide for people, json or jsonl for programs' -r -f -a "table\t'Tables for people'
wide\t'The same with more columns, where there are more'
json\t'One JSON document, or one a line where a command follows'
jsonl\t'Each JSON document on one line'"
complete -c payctl -n "__fish_payctl_using_subcommand groups; and __fish_seen_subcommand_from describe" -l no-color -d 'No colour, also on a terminal [env: NO_COLOR]'
complete -c payctl -n "__fish_payctl_using_subcommand groups; and __fish_seen_subcommand_from describe" -s q -l quiet -d 'Only data and errors'
complete -c payctl -n "__fish_payctl_using_subcommand groups; and __fish_seen_subcommand_from describe" -s h -l help -d 'Print help'
complete -c payctl -n "__fish_payctl_using_subcommand groups; and __fish_seen_subcommand_from reset-offsets" -l topic -d 'Which of its topics' -r -f -a "payment.events\t''
payment.refund.events\t''
order.events\t''
accounting.events\t''
settlement.events\t''
withdrawal.events\t''
merchant.events\t''
notifications.email\t''
notifications.sms\t''
notifications.webhook\t''
saga.payment.start\t''
saga.payment.compensate\t''
analytics.events\t''
audit.logs\t''
dlq.payment\t''
dlq.notification\t''"
complete -c payctl -n "__fish_payctl_using_subcommand groups; and __fish_seen_subcommand_from reset-offsets" -s p -l partition -d 'Only this partition' -r
complete -c payctl -n "__fish_payctl_using_subcommand groups; and __fish_seen_subcommand_from reset-offsets" -l to -d 'start, end, or offset:N' -r
complete -c payctl -n "__fish_payctl_using_subcommand groups; and __fish_seen_subcommand_from reset-offsets" -l reason -d 'Why; kept in the audit trail' -r
complete -c payctl -n "__fish_payctl_using_subcommand groups; and __fish_seen_subcommand_from reset-offsets" -l data-dir -d 'Where the platform\'s data is [env: PAYCTL_DATA_DIR]' -r -f -a "(__fish_complete_directories)"
complete -c payctl -n "__fish_payctl_using_subcommand groups; and __fish_seen_subcommand_from reset-offsets" -l port-offset -d 'Added to every port [env: PAYCTL_PORT_OFFSET]' -r
complete -c payctl -n "__fish_payctl_using_subcommand groups; and __fish_seen_subcommand_from reset-offsets" -l config -d 'Read this file instead of ./payctl.toml [env: PAYCTL_CONFIG]' -r -F
complete -c payctl -n "__fish_payctl_using_subcommand groups; and __fish_seen_subcommand_from reset-offsets" -l profile -d 'development, production [env: PAYCTL_PROFILE]' -r
complete -c payctl -n "__fish_payctl_using_subcommand groups; and __fish_seen_subcommand_from reset-offsets" -s o -l output -d 'table or wide for people, json or jsonl for programs' -r -f -a "table\t'Tables for people'
wide\t'The same with more columns, where there are more'
json\t'One JSON document, or one a line where a command follows'
jsonl\t'Each JSON document on one line'"
complete -c payctl -n "__fish_payctl_using_subcommand groups; and __fish_seen_subcommand_from reset-offsets" -l execute -d 'Do it, instead of showing what would be done'
complete -c payctl -n "__fish_payctl_using_subcommand groups; and __fish_seen_subcommand_from reset-offsets" -l no-color -d 'No colour, also on a terminal [env: NO_COLOR]'
complete -c payctl -n "__fish_payctl_using_subcommand groups; and __fish_seen_subcommand_from reset-offsets" -s q -l quiet -d 'Only data and errors'
complete -c payctl -n "__fish_payctl_using_subcommand groups; and __fish_seen_subcommand_from reset-offsets" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c payctl -n "__fish_payctl_using_subcommand groups; and __fish_seen_subcommand_from help" -f -a "list" -d 'List the groups with their members, what these do, and how far they are behind'
complete -c payctl -n "__fish_payctl_using_subcommand groups; and __fish_seen_subcommand_from help" -f -a "describe" -d 'Show one group: its members, and where it stands in each partition'
complete -c payctl -n "__fish_payctl_using_subcommand groups; and __fish_seen_subcommand_from help" -f -a "reset-offsets" -d 'Set a group to another place of a topic, such as the start of one that was made anew'
complete -c payctl -n "__fish_payctl_using_subcommand groups; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c payctl -n "__fish_payctl_using_subcommand dlq; and not __fish_seen_subcommand_from list show replay status discard restore export import help" -l data-dir -d 'Where the platform\'s data is [env: PAYCTL_DATA_DIR]' -r -f -a "(__fish_complete_directories)"
complete -c payctl -n "__fish_payctl_using_subcommand dlq; and not __fish_seen_subcommand_from list show replay status discard restore export import help" -l port-offset -d 'Added to every port [env: PAYCTL_PORT_OFFSET]' -r
complete -c payctl -n "__fish_payctl_using_subcommand dlq; and not __fish_seen_subcommand_from list show replay status discard restore export import help" -l config -d 'Read this file instead of ./payctl.toml [env: PAYCTL_CONFIG]' -r -F
complete -c payctl -n "__fish_payctl_using_subcommand dlq; and not __fish_seen_subcommand_from list show replay status discard restore export import help" -l profile -d 'development, production [env: PAYCTL_PROFILE]' -r
complete -c payctl -n "__fish_payctl_using_subcommand dlq; and not __fish_seen_subcommand_from list show replay status discard restore export import help" -s o -l output -d 'table or wide for people, json or jsonl for programs' -r -f -a "table\t'Tables for people'
wide\t'The same with more columns, where there are more'
json\t'One JSON document, or one a line where a command follows'
jsonl\t'Each JSON document on one line'"
complete -c payctl -n "__fish_payctl_using_subcommand dlq; and not __fish_seen_subcommand_from list show replay status discard restore export import help" -l no-color -d 'No colour, also on a terminal [env: NO_COLOR]'
complete -c payctl -n "__fish_payctl_using_subcommand dlq; and not __fish_seen_subcommand_from list show replay status discard restore export import help" -s q -l quiet -d 'Only data and errors'
complete -c payctl -n "__fish_payctl_using_subcommand dlq; and not __fish_seen_subcommand_from list show replay status discard restore export import help" -s h -l help -d 'Print help'
complete -c payctl -n "__fish_payctl_using_subcommand dlq; and not __fish_seen_subcommand_from list show replay status discard restore export import help" -f -a "list" -d 'List dead letters by what they failed of, with their money, or one by one'
complete -c payctl -n "__fish_payctl_using_subcommand dlq; and not __fish_seen_subcommand_from list show replay status discard restore export import help" -f -a "show" -d 'Show one dead letter, or a cause with the oldest of its letters, and what a replay would do'
complete -c payctl -n "__fish_payctl_using_subcommand dlq; and not __fish_seen_subcommand_from list show replay status discard restore export import help" -f -a "replay" -d 'Have the group that failed try dead letters again, and follow each until its effect is there'
complete -c payctl -n "__fish_payctl_using_subcommand dlq; and not __fish_seen_subcommand_from list show replay status discard restore export import help" -f -a "status" -d 'Show a replay\'s plan and what has become of it by now'
complete -c payctl -n "__fish_payctl_using_subcommand dlq; and not __fish_seen_subcommand_from list show replay status discard restore export import help" -f -a "discard" -d 'Give dead letters up: their effect never comes, and what is held behind them goes on without it'
complete -c payctl -n "__fish_payctl_using_subcommand dlq; and not __fish_seen_subcommand_from list show replay status discard restore export import help" -f -a "restore" -d 'Take a discard back, so that the dead letters can be replayed'
complete -c payctl -n "__fish_payctl_using_subcommand dlq; and not __fish_seen_subcommand_from list show replay status discard restore export import help" -f -a "export" -d 'Write dead letters with their bytes, one JSON document a line'
complete -c payctl -n "__fish_payctl_using_subcommand dlq; and not __fish_seen_subcommand_from list show replay status discard restore export import help" -f -a "import" -d 'Take dead letters in from elsewhere, so that their group can be asked to try them'
complete -c payctl -n "__fish_payctl_using_subcommand dlq; and not __fish_seen_subcommand_from list show replay status discard restore export import help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c payctl -n "__fish_payctl_using_subcommand dlq; and __fish_seen_subcommand_from list" -s g -l group -d 'Only of this group' -r -f -a "order\t''
accounting\t''
notification\t''
analytics\t''"
complete -c payctl -n "__fish_payctl_using_subcommand dlq; and __fish_seen_subcommand_from list" -l payment -d 'Only of this payment' -r
complete -c payctl -n "__fish_payctl_using_subcommand dlq; and __fish_seen_subcommand_from list" -l since -d 'Only what failed last since then: 90s, 10m, 2h, 3d ago or RFC 3339' -r
complete -c payctl -n "__fish_payctl_using_subcommand dlq; and __fish_seen_subcommand_from list" -l state -d 'Only in this state; open is failed, held or being replayed' -r -f -a "open\t''
failed\t''
held\t''
replaying\t''
resolved\t''
discarded\t''
all\t''"
complete -c payctl -n "__fish_payctl_using_subcommand dlq; and __fish_seen_subcommand_from list" -l topic -d 'The records of this topic of the brokers instead, whoever has written it; error headers of the usual tools are understood' -r
complete -c payctl -n "__fish_payctl_using_subcommand dlq; and __fish_seen_subcommand_from list" -s n -l limit -d 'How many of them' -r
complete -c payctl -n "__fish_payctl_using_subcommand dlq; and __fish_seen_subcommand_from list" -l data-dir -d 'Where the platform\'s data is [env: PAYCTL_DATA_DIR]' -r -f -a "(__fish_complete_directories)"
complete -c payctl -n "__fish_payctl_using_subcommand dlq; and __fish_seen_subcommand_from list" -l port-offset -d 'Added to every port [env: PAYCTL_PORT_OFFSET]' -r
complete -c payctl -n "__fish_payctl_using_subcommand dlq; and __fish_seen_subcommand_from list" -l config -d 'Read this file instead of ./payctl.toml [env: PAYCTL_CONFIG]' -r -F
complete -c payctl -n "__fish_payctl_using_subcommand dlq; and __fish_seen_subcommand_from list" -l profile -d 'development, production [env: PAYCTL_PROFILE]' -r
complete -c payctl -n "__fish_payctl_using_subcommand dlq; and __fish_seen_subcommand_from list" -s o -l output -d 'table or wide for people, json or jsonl for programs' -r -f -a "table\t'Tables for people'
wide\t'The same with more columns, where there are more'
json\t'One JSON document, or one a line where a command follows'
jsonl\t'Each JSON document on one line'"
complete -c payctl -n "__fish_payctl_using_subcommand dlq; and __fish_seen_subcommand_from list" -s e -l entries -d 'One by one, oldest first'
complete -c payctl -n "__fish_payctl_using_subcommand dlq; and __fish_seen_subcommand_from list" -l no-color -d 'No colour, also on a terminal [env: NO_COLOR]'
complete -c payctl -n "__fish_payctl_using_subcommand dlq; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Only data and errors'
complete -c payctl -n "__fish_payctl_using_subcommand dlq; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help'
complete -c payctl -n "__fish_payctl_using_subcommand dlq; and __fish_seen_subcommand_from show" -l data-dir -d 'Where the platform\'s data is [env: PAYCTL_DATA_DIR]' -r -f -a "(__fish_complete_directories)"
complete -c payctl -n "__fish_payctl_using_subcommand dlq; and __fish_seen_subcommand_from show" -l port-offset -d 'Added to every port [env: PAYCTL_PORT_OFFSET]' -r
complete -c payctl -n "__fish_payctl_using_subcommand dlq; and __fish_seen_subcommand_from show" -l config -d 'Read this file instead of ./payctl.toml [env: PAYCTL_CONFIG]' -r -F
complete -c payctl -n "__fish_payctl_using_subcommand dlq; and __fish_seen_subcommand_from show" -l profile -d 'development, production [env: PAYCTL_PROFILE]' -r
complete -c payctl -n "__fish_payctl_using_subcommand dlq; and __fish_seen_subcommand_from show" -s o -l output -d 'table or wide for people, json or jsonl for programs' -r -f -a "table\t'Tables for people'
wide\t'The same with more columns, where there are more'
json\t'One JSON document, or one a line where a command follows'
jsonl\t'Each JSON document on one line'"
complete -c payctl -n "__fish_payctl_using_subcommand dlq; and __fish_seen_subcommand_from show" -l no-color -d 'No colour, also on a terminal [env: NO_COLOR]'
complete -c payctl -n "__fish_payctl_using_subcommand dlq; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Only data and errors'
complete -c payctl -n "__fish_payctl_using_subcommand dlq; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help'
complete -c payctl -n "__fish_payctl_using_subcommand dlq; and __fish_seen_subcommand_from replay" -s g -l group -d 'Only of this group' -r -f -a "order\t''
accounting\t''
notification\t''
analytics\t''"
complete -c payctl -n "__fish_payctl_using_subcommand dlq; and __fish_seen_subcommand_from replay" -l payment -d 'Only of this payment' -r
complete -c payctl -n "__fish_payctl_using_subcommand dlq; and __fish_seen_subcommand_from replay" -l since -d 'Only what failed last since then: 90s, 10m, 2h, 3d ago or RFC 3339' -r
complete -c payctl -n "__fish_payctl_using_subcommand dlq; and __fish_seen_subcommand_from replay" -l plan -d 'Execute, or show, this plan' -r
complete -c payctl -n "__fish_payctl_using_subcommand dlq; and __fish_seen_subcommand_from replay" -l canary -d 'How many go first and must be VERIFIED before the rest; 0 for none' -r
complete -c payctl -n "__fish_payctl_using_subcommand dlq; and __fish_seen_subcommand_from replay" -l rate -d 'How many are sent a second at most' -r
complete -c payctl -n "__fish_payctl_using_subcommand dlq; and __fish_seen_subcommand_from replay" -l max -d 'How many are sent at all; the oldest first' -r
complete -c payctl -n "__fish_payctl_using_subcommand dlq; and __fish_seen_subcommand_from replay" -l stop-on-fail -d 'Send nothing more once more than so many percent have come back' -r
complete -c payctl -n "__fish_payctl_using_subcommand dlq; and __fish_seen_subcommand_from replay" -l wait -d 'How long to follow what was sent while nothing happens' -r
complete -c payctl -n "__fish_payctl_using_subcommand dlq; and __fish_seen_subcommand_from replay" -l reason -d 'Why; kept with what is done' -r
complete -c payctl -n "__fish_payctl_using_subcommand dlq; and __fish_seen_subcommand_from replay" -l by -d 'Who does it; kept with what is done' -r
complete -c payctl -n "__fish_payctl_using_subcommand dlq; and __fish_seen_subcommand_from replay" -l data-dir -d 'Where the platform\'s data is [env: PAYCTL_DATA_DIR]' -r -f -a "(__fish_complete_directories)"
complete -c payctl -n "__fish_payctl_using_subcommand dlq; and __fish_seen_subcommand_from replay" -l port-offset -d 'Added to every port [env: PAYCTL_PORT_OFFSET]' -r
complete -c payctl -n "__fish_payctl_using_subcommand dlq; and __fish_seen_subcommand_from replay" -l config -d 'Read this file instead of ./payctl.toml [env: PAYCTL_CONFIG]' -r -F
complete -c payctl -n "__fish_payctl_using_subcommand dlq; and __fish_seen_subcommand_from replay" -l profile -d 'development, production [env: PAYCTL_PROFILE]' -r
complete -c payctl -n "__fish_payctl_using_subcommand dlq; and __fish_seen_subcommand_from replay" -s o -l output -d 'table or wide for people, json or jsonl for programs' -r -f -a "table\t'Tables for people'
wide\t'The same with more columns, where there are more'
json\t'One JSON document, or one a line where a command follows'
jsonl\t'Each JSON document on one line'"
complete -c payctl -n "__fish_payctl_using_subcommand dlq; and __fish_seen_subcommand_from replay" -l execute -d 'Do it, instead of showing what would be done'
complete -c payctl -n "__fish_payctl_using_subcommand dlq; and __fish_seen_subcommand_from replay" -l no-color -d 'No colour, also on a terminal [env: NO_COLOR]'
complete -c payctl -n "__fish_payctl_using_subcommand dlq; and __fish_seen_subcommand_from replay" -s q -l quiet -d 'Only data and errors'
complete -c payctl -n "__fish_payctl_using_subcommand dlq; and __fish_seen_subcommand_from replay" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c payctl -n "__fish_payctl_using_subcommand dlq; and __fish_seen_subcommand_from status" -l data-dir -d 'Where the platform\'s data is [env: PAYCTL_DATA_DIR]' -r -f -a "(__fish_complete_directories)"
complete -c payctl -n "__fish_payctl_using_subcommand dlq; and __fish_seen_subcommand_from status" -l port-offset -d 'Added to every port [env: PAYCTL_PORT_OFFSET]' -r
complete -c payctl -n "__fish_payctl_using_subcommand dlq; and __fish_seen_subcommand_from status" -l config -d 'Read this file instead of ./payctl.toml [env: PAYCTL_CONFIG]' -r -F
complete -c payctl -n "__fish_payctl_using_subcommand dlq; and __fish_seen_subcommand_from status" -l profile -d 'development, production [env: PAYCTL_PROFILE]' -r
complete -c payctl -n "__fish_payctl_using_subcommand dlq; and __fish_seen_subcommand_from status" -s o -l output -d 'table or wide for people, json or jsonl for programs' -r -f -a "table\t'Tables for people'
wide\t'The same with more columns, where there are more'
json\t'One JSON document, or one a line where a command follows'
jsonl\t'Each JSON document on one line'"
complete -c payctl -n "__fish_payctl_using_subcommand dlq; and __fish_seen_subcommand_from status" -l no-color -d 'No colour, also on a terminal [env: NO_COLOR]'
complete -c payctl -n "__fish_payctl_using_subcommand dlq; and __fish_seen_subcommand_from status" -s q -l quiet -d 'Only data and errors'
complete -c payctl -n "__fish_payctl_using_subcommand dlq; and __fish_seen_subcommand_from status" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c payctl -n "__fish_payctl_using_subcommand dlq; and __fish_seen_subcommand_from discard" -s g -l group -d 'Only of this group' -r -f -a "order\t''
accounting\t''
notification\t''
analytics\t''"
complete -c payctl -n "__fish_payctl_using_subcommand dlq; and __fish_seen_subcommand_from discard" -l payment -d 'Only of this payment' -r
complete -c payctl -n "__fish_payctl_using_subcommand dlq; and __fish_seen_subcommand_from discard" -l since -d 'Only what failed last since then: 90s, 10m, 2h, 3d ago or RFC 3339' -r
complete -c payctl -n "__fish_payctl_using_subcommand dlq; and __fish_seen_subcommand_from discard" -l reason -d 'Why; kept with what is done' -r
complete -c payctl -n "__fish_payctl_using_subcommand dlq; and __fish_seen_subcommand_from discard" -l by -d 'Who does it; kept with what is done' -r
complete -c payctl -n "__fish_payctl_using_subcommand dlq; and __fish_seen_subcommand_from discard" -l data-dir -d 'Where the platform\'s data is [env: PAYCTL_DATA_DIR]' -r -f -a "(__fish_complete_directories)"
complete -c payctl -n "__fish_payctl_using_subcommand dlq; and __fish_seen_subcommand_from discard" -l port-offset -d 'Added to every port [env: PAYCTL_PORT_OFFSET]' -r
complete -c payctl -n "__fish_payctl_using_subcommand dlq; and __fish_seen_subcommand_from discard" -l config -d 'Read this file instead of ./payctl.toml [env: PAYCTL_CONFIG]' -r -F
complete -c payctl -n "__fish_payctl_using_subcommand dlq; and __fish_seen_subcommand_from discard" -l profile -d 'development, production [env: PAYCTL_PROFILE]' -r
complete -c payctl -n "__fish_payctl_using_subcommand dlq; and __fish_seen_subcommand_from discard" -s o -l output -d 'table or wide for people, json or jsonl for programs' -r -f -a "table\t'Tables for people'
wide\t'The same with more columns, where there are more'
json\t'One JSON document, or one a line where a command follows'
jsonl\t'Each JSON document on one line'"
complete -c payctl -n "__fish_payctl_using_subcommand dlq; and __fish_seen_subcommand_from discard" -l execute -d 'Do it, instead of showing what it would mean'
complete -c payctl -n "__fish_payctl_using_subcommand dlq; and __fish_seen_subcommand_from discard" -l no-color -d 'No colour, also on a terminal [env: NO_COLOR]'
complete -c payctl -n "__fish_payctl_using_subcommand dlq; and __fish_seen_subcommand_from discard" -s q -l quiet -d 'Only data and errors'
complete -c payctl -n "__fish_payctl_using_subcommand dlq; and __fish_seen_subcommand_from discard" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c payctl -n "__fish_payctl_using_subcommand dlq; and __fish_seen_subcommand_from restore" -s g -l group -d 'Only of this group' -r -f -a "order\t''
accounting\t''
notification\t''
analytics\t''"
complete -c payctl -n "__fish_payctl_using_subcommand dlq; and __fish_seen_subcommand_from restore" -l payment -d 'Only of this payment' -r
complete -c payctl -n "__fish_payctl_using_subcommand dlq; and __fish_seen_subcommand_from restore" -l since -d 'Only what failed last since then: 90s, 10m, 2h, 3d ago or RFC 3339' -r
complete -c payctl -n "__fish_payctl_using_subcommand dlq; and __fish_seen_subcommand_from restore" -l reason -d 'Why; kept with what is done' -r
complete -c payctl -n "__fish_payctl_using_subcommand dlq; and __fish_seen_subcommand_from restore" -l by -d 'Who does it; kept with what is done' -r
complete -c payctl -n "__fish_payctl_using_subcommand dlq; and __fish_seen_subcommand_from restore" -l data-dir -d 'Where the platform\'s data is [env: PAYCTL_DATA_DIR]' -r -f -a "(__fish_complete_directories)"
complete -c payctl -n "__fish_payctl_using_subcommand dlq; and __fish_seen_subcommand_from restore" -l port-offset -d 'Added to every port [env: PAYCTL_PORT_OFFSET]' -r
complete -c payctl -n "__fish_payctl_using_subcommand dlq; and __fish_seen_subcommand_from restore" -l config -d 'Read this file instead of ./payctl.toml [env: PAYCTL_CONFIG]' -r -F
complete -c payctl -n "__fish_payctl_using_subcommand dlq; and __fish_seen_subcommand_from restore" -l profile -d 'development, production [env: PAYCTL_PROFILE]' -r
complete -c payctl -n "__fish_payctl_using_subcommand dlq; and __fish_seen_subcommand_from restore" -s o -l output -d 'table or wide for people, json or jsonl for programs' -r -f -a "table\t'Tables for people'
wide\t'The same with more columns, where there are more'
json\t'One JSON document, or one a line where a command follows'
jsonl\t'Each JSON document on one line'"
complete -c payctl -n "__fish_payctl_using_subcommand dlq; and __fish_seen_subcommand_from restore" -l execute -d 'Do it, instead of showing what it would restore'
complete -c payctl -n "__fish_payctl_using_subcommand dlq; and __fish_seen_subcommand_from restore" -l no-color -d 'No colour, also on a terminal [env: NO_COLOR]'
complete -c payctl -n "__fish_payctl_using_subcommand dlq; and __fish_seen_subcommand_from restore" -s q -l quiet -d 'Only data and errors'
complete -c payctl -n "__fish_payctl_using_subcommand dlq; and __fish_seen_subcommand_from restore" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c payctl -n "__fish_payctl_using_subcommand dlq; and __fish_seen_subcommand_from export" -s g -l group -d 'Only of this group' -r -f -a "order\t''
accounting\t''
notification\t''
analytics\t''"
complete -c payctl -n "__fish_payctl_using_subcommand dlq; and __fish_seen_subcommand_from export" -l payment -d 'Only of this payment' -r
complete -c payctl -n "__fish_payctl_using_subcommand dlq; and __fish_seen_subcommand_from export" -l since -d 'Only what failed last since then: 90s, 10m, 2h, 3d ago or RFC 3339' -r
complete -c payctl -n "__fish_payctl_using_subcommand dlq; and __fish_seen_subcommand_from export" -l state -d 'Only in this state; open is failed, held or being replayed' -r -f -a "open\t''
failed\t''
held\t''
replaying\t''
resolved\t''
discarded\t''
all\t''"
complete -c payctl -n "__fish_payctl_using_subcommand dlq; and __fish_seen_subcommand_from export" -l topic -d 'The records of this topic of the brokers instead, whoever has written it' -r
complete -c payctl -n "__fish_payctl_using_subcommand dlq; and __fish_seen_subcommand_from export" -l data-dir -d 'Where the platform\'s data is [env: PAYCTL_DATA_DIR]' -r -f -a "(__fish_complete_directories)"
complete -c payctl -n "__fish_payctl_using_subcommand dlq; and __fish_seen_subcommand_from export" -l port-offset -d 'Added to every port [env: PAYCTL_PORT_OFFSET]' -r
complete -c payctl -n "__fish_payctl_using_subcommand dlq; and __fish_seen_subcommand_from export" -l config -d 'Read this file instead of ./payctl.toml [env: PAYCTL_CONFIG]' -r -F
complete -c payctl -n "__fish_payctl_using_subcommand dlq; and __fish_seen_subcommand_from export" -l profile -d 'development, production [env: PAYCTL_PROFILE]' -r
complete -c payctl -n "__fish_payctl_using_subcommand dlq; and __fish_seen_subcommand_from export" -s o -l output -d 'table or wide for people, json or jsonl for programs' -r -f -a "table\t'Tables for people'
wide\t'The same with more columns, where there are more'
json\t'One JSON document, or one a line where a command follows'
jsonl\t'Each JSON document on one line'"
complete -c payctl -n "__fish_payctl_using_subcommand dlq; and __fish_seen_subcommand_from export" -l no-color -d 'No colour, also on a terminal [env: NO_COLOR]'
complete -c payctl -n "__fish_payctl_using_subcommand dlq; and __fish_seen_subcommand_from export" -s q -l quiet -d 'Only data and errors'
complete -c payctl -n "__fish_payctl_using_subcommand dlq; and __fish_seen_subcommand_from export" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c payctl -n "__fish_payctl_using_subcommand dlq; and __fish_seen_subcommand_from import" -s g -l group -d 'The group that they are for, whatever they say' -r -f -a "order\t''
accounting\t''
notification\t''
analytics\t''"
complete -c payctl -n "__fish_payctl_using_subcommand dlq; and __fish_seen_subcommand_from import" -l reason -d 'Why; kept with what is done' -r
complete -c payctl -n "__fish_payctl_using_subcommand dlq; and __fish_seen_subcommand_from import" -l by -d 'Who does it; kept with what is done' -r
complete -c payctl -n "__fish_payctl_using_subcommand dlq; and __fish_seen_subcommand_from import" -l data-dir -d 'Where the platform\'s data is [env: PAYCTL_DATA_DIR]' -r -f -a "(__fish_complete_directories)"
complete -c payctl -n "__fish_payctl_using_subcommand dlq; and __fish_seen_subcommand_from import" -l port-offset -d 'Added to every port [env: PAYCTL_PORT_OFFSET]' -r
complete -c payctl -n "__fish_payctl_using_subcommand dlq; and __fish_seen_subcommand_from import" -l config -d 'Read this file instead of ./payctl.toml [env: PAYCTL_CONFIG]' -r -F
complete -c payctl -n "__fish_payctl_using_subcommand dlq; and __fish_seen_subcommand_from import" -l profile -d 'development, production [env: PAYCTL_PROFILE]' -r
complete -c payctl -n "__fish_payctl_using_subcommand dlq; and __fish_seen_subcommand_from import" -s o -l output -d 'table or wide for people, json or jsonl for programs' -r -f -a "table\t'Tables for people'
wide\t'The same with more columns, where there are more'
json\t'One JSON document, or one a line where a command follows'
jsonl\t'Each JSON document on one line'"
complete -c payctl -n "__fish_payctl_using_subcommand dlq; and __fish_seen_subcommand_from import" -l execute -d 'Do it, instead of showing what can be read'
complete -c payctl -n "__fish_payctl_using_subcommand dlq; and __fish_seen_subcommand_from import" -l no-color -d 'No colour, also on a terminal [env: NO_COLOR]'
complete -c payctl -n "__fish_payctl_using_subcommand dlq; and __fish_seen_subcommand_from import" -s q -l quiet -d 'Only data and errors'
complete -c payctl -n "__fish_payctl_using_subcommand dlq; and __fish_seen_subcommand_from import" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c payctl -n "__fish_payctl_using_subcommand dlq; and __fish_seen_subcommand_from help" -f -a "list" -d 'List dead letters by what they failed of, with their money, or one by one'
complete -c payctl -n "__fish_payctl_using_subcommand dlq; and __fish_seen_subcommand_from help" -f -a "show" -d 'Show one dead letter, or a cause with the oldest of its letters, and what a replay would do'
complete -c payctl -n "__fish_payctl_using_subcommand dlq; and __fish_seen_subcommand_from help" -f -a "replay" -d 'Have the group that failed try dead letters again, and follow each until its effect is there'
complete -c payctl -n "__fish_payctl_using_subcommand dlq; and __fish_seen_subcommand_from help" -f -a "status" -d 'Show a replay\'s plan and what has become of it by now'
complete -c payctl -n "__fish_payctl_using_subcommand dlq; and __fish_seen_subcommand_from help" -f -a "discard" -d 'Give dead letters up: their effect never comes, and what is held behind them goes on without it'
complete -c payctl -n "__fish_payctl_using_subcommand dlq; and __fish_seen_subcommand_from help" -f -a "restore" -d 'Take a discard back, so that the dead letters can be replayed'
complete -c payctl -n "__fish_payctl_using_subcommand dlq; and __fish_seen_subcommand_from help" -f -a "export" -d 'Write dead letters with their bytes, one JSON document a line'
complete -c payctl -n "__fish_payctl_using_subcommand dlq; and __fish_seen_subcommand_from help" -f -a "import" -d 'Take dead letters in from elsewhere, so that their group can be asked to try them'
complete -c payctl -n "__fish_payctl_using_subcommand dlq; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c payctl -n "__fish_payctl_using_subcommand status" -l data-dir -d 'Where the platform\'s data is [env: PAYCTL_DATA_DIR]' -r -f -a "(__fish_complete_directories)"
complete -c payctl -n "__fish_payctl_using_subcommand status" -l port-offset -d 'Added to every port [env: PAYCTL_PORT_OFFSET]' -r
complete -c payctl -n "__fish_payctl_using_subcommand status" -l config -d 'Read this file instead of ./payctl.toml [env: PAYCTL_CONFIG]' -r -F
complete -c payctl -n "__fish_payctl_using_subcommand status" -l profile -d 'development, production [env: PAYCTL_PROFILE]' -r
complete -c payctl -n "__fish_payctl_using_subcommand status" -s o -l output -d 'table or wide for people, json or jsonl for programs' -r -f -a "table\t'Tables for people'
wide\t'The same with more columns, where there are more'
json\t'One JSON document, or one a line where a command follows'
jsonl\t'Each JSON document on one line'"
complete -c payctl -n "__fish_payctl_using_subcommand status" -l no-color -d 'No colour, also on a terminal [env: NO_COLOR]'
complete -c payctl -n "__fish_payctl_using_subcommand status" -s q -l quiet -d 'Only data and errors'
complete -c payctl -n "__fish_payctl_using_subcommand status" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c payctl -n "__fish_payctl_using_subcommand lag" -l by -d 'One row for each' -r -f -a "group\t''
topic\t''
partition\t''
member\t''"
complete -c payctl -n "__fish_payctl_using_subcommand lag" -l lag -d 'Only rows with a larger lag, such as \'>1000\'' -r
complete -c payctl -n "__fish_payctl_using_subcommand lag" -l age -d 'Only rows whose oldest record waits for longer, such as \'>30s\'' -r
complete -c payctl -n "__fish_payctl_using_subcommand lag" -l watch -d 'Look again and again, until Ctrl-C' -r
complete -c payctl -n "__fish_payctl_using_subcommand lag" -l fail-on -d 'Exit 3 where a group has one of these statuses, or is over a limit such as lag>1000 or age>60s, whether its row is shown or not; ends a watch' -r
complete -c payctl -n "__fish_payctl_using_subcommand lag" -l data-dir -d 'Where the platform\'s data is [env: PAYCTL_DATA_DIR]' -r -f -a "(__fish_complete_directories)"
complete -c payctl -n "__fish_payctl_using_subcommand lag" -l port-offset -d 'Added to every port [env: PAYCTL_PORT_OFFSET]' -r
complete -c payctl -n "__fish_payctl_using_subcommand lag" -l config -d 'Read this file instead of ./payctl.toml [env: PAYCTL_CONFIG]' -r -F
complete -c payctl -n "__fish_payctl_using_subcommand lag" -l profile -d 'development, production [env: PAYCTL_PROFILE]' -r
complete -c payctl -n "__fish_payctl_using_subcommand lag" -s o -l output -d 'table or wide for people, json or jsonl for programs' -r -f -a "table\t'Tables for people'
wide\t'The same with more columns, where there are more'
json\t'One JSON document, or one a line where a command follows'
jsonl\t'Each JSON document on one line'"
complete -c payctl -n "__fish_payctl_using_subcommand lag" -l foreign -d 'Also every group of others on the same brokers'
complete -c payctl -n "__fish_payctl_using_subcommand lag" -l no-color -d 'No colour, also on a terminal [env: NO_COLOR]'
complete -c payctl -n "__fish_payctl_using_subcommand lag" -s q -l quiet -d 'Only data and errors'
complete -c payctl -n "__fish_payctl_using_subcommand lag" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c payctl -n "__fish_payctl_using_subcommand trace" -l scan-for -d 'How long the topics may be searched where the database does not answer' -r
complete -c payctl -n "__fish_payctl_using_subcommand trace" -l data-dir -d 'Where the platform\'s data is [env: PAYCTL_DATA_DIR]' -r -f -a "(__fish_complete_directories)"
complete -c payctl -n "__fish_payctl_using_subcommand trace" -l port-offset -d 'Added to every port [env: PAYCTL_PORT_OFFSET]' -r
complete -c payctl -n "__fish_payctl_using_subcommand trace" -l config -d 'Read this file instead of ./payctl.toml [env: PAYCTL_CONFIG]' -r -F
complete -c payctl -n "__fish_payctl_using_subcommand trace" -l profile -d 'development, production [env: PAYCTL_PROFILE]' -r
complete -c payctl -n "__fish_payctl_using_subcommand trace" -s o -l output -d 'table or wide for people, json or jsonl for programs' -r -f -a "table\t'Tables for people'
wide\t'The same with more columns, where there are more'
json\t'One JSON document, or one a line where a command follows'
jsonl\t'Each JSON document on one line'"
complete -c payctl -n "__fish_payctl_using_subcommand trace" -l no-color -d 'No colour, also on a terminal [env: NO_COLOR]'
complete -c payctl -n "__fish_payctl_using_subcommand trace" -s q -l quiet -d 'Only data and errors'
complete -c payctl -n "__fish_payctl_using_subcommand trace" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c payctl -n "__fish_payctl_using_subcommand metrics" -l merchant -d 'Whose; in development the seeded merchant' -r
complete -c payctl -n "__fish_payctl_using_subcommand metrics" -l channel -d 'Also this channel, of all merchants together' -r
complete -c payctl -n "__fish_payctl_using_subcommand metrics" -l date -d 'A UTC date; today when absent' -r
complete -c payctl -n "__fish_payctl_using_subcommand metrics" -l from -d 'From this UTC date on' -r
complete -c payctl -n "__fish_payctl_using_subcommand metrics" -l to -d 'Up to this UTC date, included; today when absent' -r
complete -c payctl -n "__fish_payctl_using_subcommand metrics" -l data-dir -d 'Where the platform\'s data is [env: PAYCTL_DATA_DIR]' -r -f -a "(__fish_complete_directories)"
complete -c payctl -n "__fish_payctl_using_subcommand metrics" -l port-offset -d 'Added to every port [env: PAYCTL_PORT_OFFSET]' -r
complete -c payctl -n "__fish_payctl_using_subcommand metrics" -l config -d 'Read this file instead of ./payctl.toml [env: PAYCTL_CONFIG]' -r -F
complete -c payctl -n "__fish_payctl_using_subcommand metrics" -l profile -d 'development, production [env: PAYCTL_PROFILE]' -r
complete -c payctl -n "__fish_payctl_using_subcommand metrics" -s o -l output -d 'table or wide for people, json or jsonl for programs' -r -f -a "table\t'Tables for people'
wide\t'The same with more columns, where there are more'
json\t'One JSON document, or one a line where a command follows'
jsonl\t'Each JSON document on one line'"
complete -c payctl -n "__fish_payctl_using_subcommand metrics" -l no-color -d 'No colour, also on a terminal [env: NO_COLOR]'
complete -c payctl -n "__fish_payctl_using_subcommand metrics" -s q -l quiet -d 'Only data and errors'
complete -c payctl -n "__fish_payctl_using_subcommand metrics" -s h -l help -d 'Print help'
complete -c payctl -n "__fish_payctl_using_subcommand ledger; and not __fish_seen_subcommand_from balances entries export help" -l data-dir -d 'Where the platform\'s data is [env: PAYCTL_DATA_DIR]' -r -f -a "(__fish_complete_directories)"
complete -c payctl -n "__fish_payctl_using_subcommand ledger; and not __fish_seen_subcommand_from balances entries export help" -l port-offset -d 'Added to every port [env: PAYCTL_PORT_OFFSET]' -r
complete -c payctl -n "__fish_payctl_using_subcommand ledger; and not __fish_seen_subcommand_from balances entries export help" -l config -d 'Read this file instead of ./payctl.toml [env: PAYCTL_CONFIG]' -r -F
complete -c payctl -n "__fish_payctl_using_subcommand ledger; and not __fish_seen_subcommand_from balances entries export help" -l profile -d 'development, production [env: PAYCTL_PROFILE]' -r
complete -c payctl -n "__fish_payctl_using_subcommand ledger; and not __fish_seen_subcommand_from balances entries export help" -s o -l output -d 'table or wide for people, json or jsonl for programs' -r -f -a "table\t'Tables for people'
wide\t'The same with more columns, where there are more'
json\t'One JSON document, or one a line where a command follows'
jsonl\t'Each JSON document on one line'"
complete -c payctl -n "__fish_payctl_using_subcommand ledger; and not __fish_seen_subcommand_from balances entries export help" -l no-color -d 'No colour, also on a terminal [env: NO_COLOR]'
complete -c payctl -n "__fish_payctl_using_subcommand ledger; and not __fish_seen_subcommand_from balances entries export help" -s q -l quiet -d 'Only data and errors'
complete -c payctl -n "__fish_payctl_using_subcommand ledger; and not __fish_seen_subcommand_from balances entries export help" -s h -l help -d 'Print help'
complete -c payctl -n "__fish_payctl_using_subcommand ledger; and not __fish_seen_subcommand_from balances entries export help" -f -a "balances" -d 'Show what is in every account, and that debits equal credits'
complete -c payctl -n "__fish_payctl_using_subcommand ledger; and not __fish_seen_subcommand_from balances entries export help" -f -a "entries" -d 'Show the newest entries of the books'
complete -c payctl -n "__fish_payctl_using_subcommand ledger; and not __fish_seen_subcommand_from balances entries export help" -f -a "export" -d 'Print the whole books as a plain-text ledger with balance assertions, for a checker that is not ours'
complete -c payctl -n "__fish_payctl_using_subcommand ledger; and not __fish_seen_subcommand_from balances entries export help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c payctl -n "__fish_payctl_using_subcommand ledger; and __fish_seen_subcommand_from balances" -l merchant -d 'Only this merchant\'s accounts' -r
complete -c payctl -n "__fish_payctl_using_subcommand ledger; and __fish_seen_subcommand_from balances" -l data-dir -d 'Where the platform\'s data is [env: PAYCTL_DATA_DIR]' -r -f -a "(__fish_complete_directories)"
complete -c payctl -n "__fish_payctl_using_subcommand ledger; and __fish_seen_subcommand_from balances" -l port-offset -d 'Added to every port [env: PAYCTL_PORT_OFFSET]' -r
complete -c payctl -n "__fish_payctl_using_subcommand ledger; and __fish_seen_subcommand_from balances" -l config -d 'Read this file instead of ./payctl.toml [env: PAYCTL_CONFIG]' -r -F
complete -c payctl -n "__fish_payctl_using_subcommand ledger; and __fish_seen_subcommand_from balances" -l profile -d 'development, production [env: PAYCTL_PROFILE]' -r
complete -c payctl -n "__fish_payctl_using_subcommand ledger; and __fish_seen_subcommand_from balances" -s o -l output -d 'table or wide for people, json or jsonl for programs' -r -f -a "table\t'Tables for people'
wide\t'The same with more columns, where there are more'
json\t'One JSON document, or one a line where a command follows'
jsonl\t'Each JSON document on one line'"
complete -c payctl -n "__fish_payctl_using_subcommand ledger; and __fish_seen_subcommand_from balances" -l no-color -d 'No colour, also on a terminal [env: NO_COLOR]'
complete -c payctl -n "__fish_payctl_using_subcommand ledger; and __fish_seen_subcommand_from balances" -s q -l quiet -d 'Only data and errors'
complete -c payctl -n "__fish_payctl_using_subcommand ledger; and __fish_seen_subcommand_from balances" -s h -l help -d 'Print help'
complete -c payctl -n "__fish_payctl_using_subcommand ledger; and __fish_seen_subcommand_from entries" -l payment -d 'Only those of this payment' -r
complete -c payctl -n "__fish_payctl_using_subcommand ledger; and __fish_seen_subcommand_from entries" -l account -d 'Only those that debit or credit this account, such as `fee_income` or `channel_clearing:stripe`' -r
complete -c payctl -n "__fish_payctl_using_subcommand ledger; and __fish_seen_subcommand_from entries" -l since -d 'Only those booked from this time on: 90s, 10m, 2h, 3d ago or RFC 3339' -r
complete -c payctl -n "__fish_payctl_using_subcommand ledger; and __fish_seen_subcommand_from entries" -s n -l last -d 'At most so many' -r
complete -c payctl -n "__fish_payctl_using_subcommand ledger; and __fish_seen_subcommand_from entries" -l data-dir -d 'Where the platform\'s data is [env: PAYCTL_DATA_DIR]' -r -f -a "(__fish_complete_directories)"
complete -c payctl -n "__fish_payctl_using_subcommand ledger; and __fish_seen_subcommand_from entries" -l port-offset -d 'Added to every port [env: PAYCTL_PORT_OFFSET]' -r
complete -c payctl -n "__fish_payctl_using_subcommand ledger; and __fish_seen_subcommand_from entries" -l config -d 'Read this file instead of ./payctl.toml [env: PAYCTL_CONFIG]' -r -F
complete -c payctl -n "__fish_payctl_using_subcommand ledger; and __fish_seen_subcommand_from entries" -l profile -d 'development, production [env: PAYCTL_PROFILE]' -r
complete -c payctl -n "__fish_payctl_using_subcommand ledger; and __fish_seen_subcommand_from entries" -s o -l output -d 'table or wide for people, json or jsonl for programs' -r -f -a "table\t'Tables for people'
wide\t'The same with more columns, where there are more'
json\t'One JSON document, or one a line where a command follows'
jsonl\t'Each JSON document on one line'"
complete -c payctl -n "__fish_payctl_using_subcommand ledger; and __fish_seen_subcommand_from entries" -l no-color -d 'No colour, also on a terminal [env: NO_COLOR]'
complete -c payctl -n "__fish_payctl_using_subcommand ledger; and __fish_seen_subcommand_from entries" -s q -l quiet -d 'Only data and errors'
complete -c payctl -n "__fish_payctl_using_subcommand ledger; and __fish_seen_subcommand_from entries" -s h -l help -d 'Print help'
complete -c payctl -n "__fish_payctl_using_subcommand ledger; and __fish_seen_subcommand_from export" -l format -d 'Which program is to read it' -r -f -a "hledger\t''
beancount\t''"
complete -c payctl -n "__fish_payctl_using_subcommand ledger; and __fish_seen_subcommand_from export" -l data-dir -d 'Where the platform\'s data is [env: PAYCTL_DATA_DIR]' -r -f -a "(__fish_complete_directories)"
complete -c payctl -n "__fish_payctl_using_subcommand ledger; and __fish_seen_subcommand_from export" -l port-offset -d 'Added to every port [env: PAYCTL_PORT_OFFSET]' -r
complete -c payctl -n "__fish_payctl_using_subcommand ledger; and __fish_seen_subcommand_from export" -l config -d 'Read this file instead of ./payctl.toml [env: PAYCTL_CONFIG]' -r -F
complete -c payctl -n "__fish_payctl_using_subcommand ledger; and __fish_seen_subcommand_from export" -l profile -d 'development, production [env: PAYCTL_PROFILE]' -r
complete -c payctl -n "__fish_payctl_using_subcommand ledger; and __fish_seen_subcommand_from export" -s o -l output -d 'table or wide for people, json or jsonl for programs' -r -f -a "table\t'Tables for people'
wide\t'The same with more columns, where there are more'
json\t'One JSON document, or one a line where a command follows'
jsonl\t'Each JSON document on one line'"
complete -c payctl -n "__fish_payctl_using_subcommand ledger; and __fish_seen_subcommand_from export" -l no-color -d 'No colour, also on a terminal [env: NO_COLOR]'
complete -c payctl -n "__fish_payctl_using_subcommand ledger; and __fish_seen_subcommand_from export" -s q -l quiet -d 'Only data and errors'
complete -c payctl -n "__fish_payctl_using_subcommand ledger; and __fish_seen_subcommand_from export" -s h -l help -d 'Print help'
complete -c payctl -n "__fish_payctl_using_subcommand ledger; and __fish_seen_subcommand_from help" -f -a "balances" -d 'Show what is in every account, and that debits equal credits'
complete -c payctl -n "__fish_payctl_using_subcommand ledger; and __fish_seen_subcommand_from help" -f -a "entries" -d 'Show the newest entries of the books'
complete -c payctl -n "__fish_payctl_using_subcommand ledger; and __fish_seen_subcommand_from help" -f -a "export" -d 'Print the whole books as a plain-text ledger with balance assertions, for a checker that is not ours'
complete -c payctl -n "__fish_payctl_using_subcommand ledger; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c payctl -n "__fish_payctl_using_subcommand verify; and not __fish_seen_subcommand_from acked canary consumption replay topic help" -l id -d 'Only this invariant, such as I7; may be repeated' -r
complete -c payctl -n "__fish_payctl_using_subcommand verify; and not __fish_seen_subcommand_from acked canary consumption replay topic help" -l as-of -d 'As of a past moment (90s, 10m, 2h, 3d ago or RFC 3339): what goes by rows that have changed since is left out, and named' -r
complete -c payctl -n "__fish_payctl_using_subcommand verify; and not __fish_seen_subcommand_from acked canary consumption replay topic help" -l watch -d 'Again after so long, such as 5s, until Ctrl-C' -r
complete -c payctl -n "__fish_payctl_using_subcommand verify; and not __fish_seen_subcommand_from acked canary consumption replay topic help" -l data-dir -d 'Where the platform\'s data is [env: PAYCTL_DATA_DIR]' -r -f -a "(__fish_complete_directories)"
complete -c payctl -n "__fish_payctl_using_subcommand verify; and not __fish_seen_subcommand_from acked canary consumption replay topic help" -l port-offset -d 'Added to every port [env: PAYCTL_PORT_OFFSET]' -r
complete -c payctl -n "__fish_payctl_using_subcommand verify; and not __fish_seen_subcommand_from acked canary consumption replay topic help" -l config -d 'Read this file instead of ./payctl.toml [env: PAYCTL_CONFIG]' -r -F
complete -c payctl -n "__fish_payctl_using_subcommand verify; and not __fish_seen_subcommand_from acked canary consumption replay topic help" -l profile -d 'development, production [env: PAYCTL_PROFILE]' -r
complete -c payctl -n "__fish_payctl_using_subcommand verify; and not __fish_seen_subcommand_from acked canary consumption replay topic help" -s o -l output -d 'table or wide for people, json or jsonl for programs' -r -f -a "table\t'Tables for people'
wide\t'The same with more columns, where there are more'
json\t'One JSON document, or one a line where a command follows'
jsonl\t'Each JSON document on one line'"
complete -c payctl -n "__fish_payctl_using_subcommand verify; and not __fish_seen_subcommand_from acked canary consumption replay topic help" -l all -d 'All of them, also what the topics say: each is read from its start to its present end'
complete -c payctl -n "__fish_payctl_using_subcommand verify; and not __fish_seen_subcommand_from acked canary consumption replay topic help" -l no-color -d 'No colour, also on a terminal [env: NO_COLOR]'
complete -c payctl -n "__fish_payctl_using_subcommand verify; and not __fish_seen_subcommand_from acked canary consumption replay topic help" -s q -l quiet -d 'Only data and errors'
complete -c payctl -n "__fish_payctl_using_subcommand verify; and not __fish_seen_subcommand_from acked canary consumption replay topic help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c payctl -n "__fish_payctl_using_subcommand verify; and not __fish_seen_subcommand_from acked canary consumption replay topic help" -f -a "acked" -d 'Check that everything a journal acknowledges is there, once and unchanged, and that the money is the same everywhere'
complete -c payctl -n "__fish_payctl_using_subcommand verify; and not __fish_seen_subcommand_from acked canary consumption replay topic help" -f -a "canary" -d 'Send a marked payment through the platform and follow it until everything that should happen has'
complete -c payctl -n "__fish_payctl_using_subcommand verify; and not __fish_seen_subcommand_from acked canary consumption replay topic help" -f -a "consumption" -d 'Account for every event that each group was given: applied, parked, given up, ignored, or skipped'
complete -c payctl -n "__fish_payctl_using_subcommand verify; and not __fish_seen_subcommand_from acked canary consumption replay topic help" -f -a "replay" -d 'Compare kept answers with what the gateway\'s own code answers, byte by byte (I3)'
complete -c payctl -n "__fish_payctl_using_subcommand verify; and not __fish_seen_subcommand_from acked canary consumption replay topic help" -f -a "topic" -d 'Compare topics with the permanent event store, record by record'
complete -c payctl -n "__fish_payctl_using_subcommand verify; and not __fish_seen_subcommand_from acked canary consumption replay topic help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c payctl -n "__fish_payctl_using_subcommand verify; and __fish_seen_subcommand_from acked" -l journal -d 'The history that `payctl load run` wrote' -r -F
complete -c payctl -n "__fish_payctl_using_subcommand verify; and __fish_seen_subcommand_from acked" -l data-dir -d 'Where the platform\'s data is [env: PAYCTL_DATA_DIR]' -r -f -a "(__fish_complete_directories)"
complete -c payctl -n "__fish_payctl_using_subcommand verify; and __fish_seen_subcommand_from acked" -l port-offset -d 'Added to every port [env: PAYCTL_PORT_OFFSET]' -r
complete -c payctl -n "__fish_payctl_using_subcommand verify; and __fish_seen_subcommand_from acked" -l config -d 'Read this file instead of ./payctl.toml [env: PAYCTL_CONFIG]' -r -F
complete -c payctl -n "__fish_payctl_using_subcommand verify; and __fish_seen_subcommand_from acked" -l profile -d 'development, production [env: PAYCTL_PROFILE]' -r
complete -c payctl -n "__fish_payctl_using_subcommand verify; and __fish_seen_subcommand_from acked" -s o -l output -d 'table or wide for people, json or jsonl for programs' -r -f -a "table\t'Tables for people'
wide\t'The same with more columns, where there are more'
json\t'One JSON document, or one a line where a command follows'
jsonl\t'Each JSON document on one line'"
complete -c payctl -n "__fish_payctl_using_subcommand verify; and __fish_seen_subcommand_from acked" -l no-color -d 'No colour, also on a terminal [env: NO_COLOR]'
complete -c payctl -n "__fish_payctl_using_subcommand verify; and __fish_seen_subcommand_from acked" -s q -l quiet -d 'Only data and errors'
complete -c payctl -n "__fish_payctl_using_subcommand verify; and __fish_seen_subcommand_from acked" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c payctl -n "__fish_payctl_using_subcommand verify; and __fish_seen_subcommand_from canary" -l timeout -d 'How long to follow it' -r
complete -c payctl -n "__fish_payctl_using_subcommand verify; and __fish_seen_subcommand_from canary" -l merchant -d 'Whose payment it is; in development the seeded merchant' -r
complete -c payctl -n "__fish_payctl_using_subcommand verify; and __fish_seen_subcommand_from canary" -l email -d 'Who is told by mail; in development test@example.com' -r
complete -c payctl -n "__fish_payctl_using_subcommand verify; and __fish_seen_subcommand_from canary" -l data-dir -d 'Where the platform\'s data is [env: PAYCTL_DATA_DIR]' -r -f -a "(__fish_complete_directories)"
complete -c payctl -n "__fish_payctl_using_subcommand verify; and __fish_seen_subcommand_from canary" -l port-offset -d 'Added to every port [env: PAYCTL_PORT_OFFSET]' -r
complete -c payctl -n "__fish_payctl_using_subcommand verify; and __fish_seen_subcommand_from canary" -l config -d 'Read this file instead of ./payctl.toml [env: PAYCTL_CONFIG]' -r -F
complete -c payctl -n "__fish_payctl_using_subcommand verify; and __fish_seen_subcommand_from canary" -l profile -d 'development, production [env: PAYCTL_PROFILE]' -r
complete -c payctl -n "__fish_payctl_using_subcommand verify; and __fish_seen_subcommand_from canary" -s o -l output -d 'table or wide for people, json or jsonl for programs' -r -f -a "table\t'Tables for people'
wide\t'The same with more columns, where there are more'
json\t'One JSON document, or one a line where a command follows'
jsonl\t'Each JSON document on one line'"
complete -c payctl -n "__fish_payctl_using_subcommand verify; and __fish_seen_subcommand_from canary" -l i-know -d 'In production: that a payment of its own is meant'
complete -c payctl -n "__fish_payctl_using_subcommand verify; and __fish_seen_subcommand_from canary" -l no-color -d 'No colour, also on a terminal [env: NO_COLOR]'
complete -c payctl -n "__fish_payctl_using_subcommand verify; and __fish_seen_subcommand_from canary" -s q -l quiet -d 'Only data and errors'
complete -c payctl -n "__fish_payctl_using_subcommand verify; and __fish_seen_subcommand_from canary" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c payctl -n "__fish_payctl_using_subcommand verify; and __fish_seen_subcommand_from consumption" -l group -d 'Only this group' -r -f -a "order\t''
accounting\t''
notification\t''
analytics\t''"
complete -c payctl -n "__fish_payctl_using_subcommand verify; and __fish_seen_subcommand_from consumption" -l data-dir -d 'Where the platform\'s data is [env: PAYCTL_DATA_DIR]' -r -f -a "(__fish_complete_directories)"
complete -c payctl -n "__fish_payctl_using_subcommand verify; and __fish_seen_subcommand_from consumption" -l port-offset -d 'Added to every port [env: PAYCTL_PORT_OFFSET]' -r
complete -c payctl -n "__fish_payctl_using_subcommand verify; and __fish_seen_subcommand_from consumption" -l config -d 'Read this file instead of ./payctl.toml [env: PAYCTL_CONFIG]' -r -F
complete -c payctl -n "__fish_payctl_using_subcommand verify; and __fish_seen_subcommand_from consumption" -l profile -d 'development, production [env: PAYCTL_PROFILE]' -r
complete -c payctl -n "__fish_payctl_using_subcommand verify; and __fish_seen_subcommand_from consumption" -s o -l output -d 'table or wide for people, json or jsonl for programs' -r -f -a "table\t'Tables for people'
wide\t'The same with more columns, where there are more'
json\t'One JSON document, or one a line where a command follows'
jsonl\t'Each JSON document on one line'"
complete -c payctl -n "__fish_payctl_using_subcommand verify; and __fish_seen_subcommand_from consumption" -l no-color -d 'No colour, also on a terminal [env: NO_COLOR]'
complete -c payctl -n "__fish_payctl_using_subcommand verify; and __fish_seen_subcommand_from consumption" -s q -l quiet -d 'Only data and errors'
complete -c payctl -n "__fish_payctl_using_subcommand verify; and __fish_seen_subcommand_from consumption" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c payctl -n "__fish_payctl_using_subcommand verify; and __fish_seen_subcommand_from replay" -l sample -d 'How many answers, spread over all that are kept' -r
complete -c payctl -n "__fish_payctl_using_subcommand verify; and __fish_seen_subcommand_from replay" -l data-dir -d 'Where the platform\'s data is [env: PAYCTL_DATA_DIR]' -r -f -a "(__fish_complete_directories)"
complete -c payctl -n "__fish_payctl_using_subcommand verify; and __fish_seen_subcommand_from replay" -l port-offset -d 'Added to every port [env: PAYCTL_PORT_OFFSET]' -r
complete -c payctl -n "__fish_payctl_using_subcommand verify; and __fish_seen_subcommand_from replay" -l config -d 'Read this file instead of ./payctl.toml [env: PAYCTL_CONFIG]' -r -F
complete -c payctl -n "__fish_payctl_using_subcommand verify; and __fish_seen_subcommand_from replay" -l profile -d 'development, production [env: PAYCTL_PROFILE]' -r
complete -c payctl -n "__fish_payctl_using_subcommand verify; and __fish_seen_subcommand_from replay" -s o -l output -d 'table or wide for people, json or jsonl for programs' -r -f -a "table\t'Tables for people'
wide\t'The same with more columns, where there are more'
json\t'One JSON document, or one a line where a command follows'
jsonl\t'Each JSON document on one line'"
complete -c payctl -n "__fish_payctl_using_subcommand verify; and __fish_seen_subcommand_from replay" -l no-color -d 'No colour, also on a terminal [env: NO_COLOR]'
complete -c payctl -n "__fish_payctl_using_subcommand verify; and __fish_seen_subcommand_from replay" -s q -l quiet -d 'Only data and errors'
complete -c payctl -n "__fish_payctl_using_subcommand verify; and __fish_seen_subcommand_from replay" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c payctl -n "__fish_payctl_using_subcommand verify; and __fish_seen_subcommand_from topic" -l data-dir -d 'Where the platform\'s data is [env: PAYCTL_DATA_DIR]' -r -f -a "(__fish_complete_directories)"
complete -c payctl -n "__fish_payctl_using_subcommand verify; and __fish_seen_subcommand_from topic" -l port-offset -d 'Added to every port [env: PAYCTL_PORT_OFFSET]' -r
complete -c payctl -n "__fish_payctl_using_subcommand verify; and __fish_seen_subcommand_from topic" -l config -d 'Read this file instead of ./payctl.toml [env: PAYCTL_CONFIG]' -r -F
complete -c payctl -n "__fish_payctl_using_subcommand verify; and __fish_seen_subcommand_from topic" -l profile -d 'development, production [env: PAYCTL_PROFILE]' -r
complete -c payctl -n "__fish_payctl_using_subcommand verify; and __fish_seen_subcommand_from topic" -s o -l output -d 'table or wide for people, json or jsonl for programs' -r -f -a "table\t'Tables for people'
wide\t'The same with more columns, where there are more'
json\t'One JSON document, or one a line where a command follows'
jsonl\t'Each JSON document on one line'"
complete -c payctl -n "__fish_payctl_using_subcommand verify; and __fish_seen_subcommand_from topic" -l no-color -d 'No colour, also on a terminal [env: NO_COLOR]'
complete -c payctl -n "__fish_payctl_using_subcommand verify; and __fish_seen_subcommand_from topic" -s q -l quiet -d 'Only data and errors'
complete -c payctl -n "__fish_payctl_using_subcommand verify; and __fish_seen_subcommand_from topic" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c payctl -n "__fish_payctl_using_subcommand verify; and __fish_seen_subcommand_from help" -f -a "acked" -d 'Check that everything a journal acknowledges is there, once and unchanged, and that the money is the same everywhere'
complete -c payctl -n "__fish_payctl_using_subcommand verify; and __fish_seen_subcommand_from help" -f -a "canary" -d 'Send a marked payment through the platform and follow it until everything that should happen has'
complete -c payctl -n "__fish_payctl_using_subcommand verify; and __fish_seen_subcommand_from help" -f -a "consumption" -d 'Account for every event that each group was given: applied, parked, given up, ignored, or skipped'
complete -c payctl -n "__fish_payctl_using_subcommand verify; and __fish_seen_subcommand_from help" -f -a "replay" -d 'Compare kept answers with what the gateway\'s own code answers, byte by byte (I3)'
complete -c payctl -n "__fish_payctl_using_subcommand verify; and __fish_seen_subcommand_from help" -f -a "topic" -d 'Compare topics with the permanent event store, record by record'
complete -c payctl -n "__fish_payctl_using_subcommand verify; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c payctl -n "__fish_payctl_using_subcommand bundle" -l since -d 'From when on dead letters and operators\' deeds are told: 90s, 10m, 2h, 3d ago or RFC 3339' -r
complete -c payctl -n "__fish_payctl_using_subcommand bundle" -s f -l file -d 'Which file; never one that is there already [default: payctl-bundle-TIME.tar.gz]' -r -F
complete -c payctl -n "__fish_payctl_using_subcommand bundle" -l data-dir -d 'Where the platform\'s data is [env: PAYCTL_DATA_DIR]' -r -f -a "(__fish_complete_directories)"
complete -c payctl -n "__fish_payctl_using_subcommand bundle" -l port-offset -d 'Added to every port [env: PAYCTL_PORT_OFFSET]' -r
complete -c payctl -n "__fish_payctl_using_subcommand bundle" -l config -d 'Read this file instead of ./payctl.toml [env: PAYCTL_CONFIG]' -r -F
complete -c payctl -n "__fish_payctl_using_subcommand bundle" -l profile -d 'development, production [env: PAYCTL_PROFILE]' -r
complete -c payctl -n "__fish_payctl_using_subcommand bundle" -s o -l output -d 'table or wide for people, json or jsonl for programs' -r -f -a "table\t'Tables for people'
wide\t'The same with more columns, where there are more'
json\t'One JSON document, or one a line where a command follows'
jsonl\t'Each JSON document on one line'"
complete -c payctl -n "__fish_payctl_using_subcommand bundle" -l no-color -d 'No colour, also on a terminal [env: NO_COLOR]'
complete -c payctl -n "__fish_payctl_using_subcommand bundle" -s q -l quiet -d 'Only data and errors'
complete -c payctl -n "__fish_payctl_using_subcommand bundle" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c payctl -n "__fish_payctl_using_subcommand load; and not __fish_seen_subcommand_from run help" -l data-dir -d 'Where the platform\'s data is [env: PAYCTL_DATA_DIR]' -r -f -a "(__fish_complete_directories)"
complete -c payctl -n "__fish_payctl_using_subcommand load; and not __fish_seen_subcommand_from run help" -l port-offset -d 'Added to every port [env: PAYCTL_PORT_OFFSET]' -r
complete -c payctl -n "__fish_payctl_using_subcommand load; and not __fish_seen_subcommand_from run help" -l config -d 'Read this file instead of ./payctl.toml [env: PAYCTL_CONFIG]' -r -F
complete -c payctl -n "__fish_payctl_using_subcommand load; and not __fish_seen_subcommand_from run help" -l profile -d 'development, production [env: PAYCTL_PROFILE]' -r
complete -c payctl -n "__fish_payctl_using_subcommand load; and not __fish_seen_subcommand_from run help" -s o -l output -d 'table or wide for people, json or jsonl for programs' -r -f -a "table\t'Tables for people'
wide\t'The same with more columns, where there are more'
json\t'One JSON document, or one a line where a command follows'
jsonl\t'Each JSON document on one line'"
complete -c payctl -n "__fish_payctl_using_subcommand load; and not __fish_seen_subcommand_from run help" -l no-color -d 'No colour, also on a terminal [env: NO_COLOR]'
complete -c payctl -n "__fish_payctl_using_subcommand load; and not __fish_seen_subcommand_from run help" -s q -l quiet -d 'Only data and errors'
complete -c payctl -n "__fish_payctl_using_subcommand load; and not __fish_seen_subcommand_from run help" -s h -l help -d 'Print help'
complete -c payctl -n "__fish_payctl_using_subcommand load; and not __fish_seen_subcommand_from run help" -f -a "run" -d 'Send requests at a rate, keep a journal of what is acknowledged, and prove that all of it is there'
complete -c payctl -n "__fish_payctl_using_subcommand load; and not __fish_seen_subcommand_from run help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c payctl -n "__fish_payctl_using_subcommand load; and __fish_seen_subcommand_from run" -l rate -d 'Requests a second, minute or hour, such as 5000/s' -r
complete -c payctl -n "__fish_payctl_using_subcommand load; and __fish_seen_subcommand_from run" -l connections -d 'At most so many requests in flight; with --rate chosen by it when absent' -r
complete -c payctl -n "__fish_payctl_using_subcommand load; and __fish_seen_subcommand_from run" -l duration -d 'How long is measured' -r
complete -c payctl -n "__fish_payctl_using_subcommand load; and __fish_seen_subcommand_from run" -l warm-up -d 'Sent before, proven like the rest and not in the figures' -r
complete -c payctl -n "__fish_payctl_using_subcommand load; and __fish_seen_subcommand_from run" -l mix -d 'What the requests do: create, query, cancel, pay (a signed webhook), by parts' -r
complete -c payctl -n "__fish_payctl_using_subcommand load; and __fish_seen_subcommand_from run" -l duplicates -d 'Of a hundred creates and webhooks, how many repeat an earlier one' -r
complete -c payctl -n "__fish_payctl_using_subcommand load; and __fish_seen_subcommand_from run" -l seed -d 'Gives the same operations and amounts again; made when absent' -r
complete -c payctl -n "__fish_payctl_using_subcommand load; and __fish_seen_subcommand_from run" -l journal -d 'Where the history goes, into a new file; by default under load/ of the data directory' -r -F
complete -c payctl -n "__fish_payctl_using_subcommand load; and __fish_seen_subcommand_from run" -l drain-timeout -d 'How long the groups may take to read everything afterwards' -r
complete -c payctl -n "__fish_payctl_using_subcommand load; and __fish_seen_subcommand_from run" -l min-rate -d 'Fail below this rate of answers' -r
complete -c payctl -n "__fish_payctl_using_subcommand load; and __fish_seen_subcommand_from run" -l max-p99 -d 'Fail above this latency' -r
complete -c payctl -n "__fish_payctl_using_subcommand load; and __fish_seen_subcommand_from run" -l max-errors -d 'Fail above so many requests gone wrong, or such a share: 10, 0.1%' -r
complete -c payctl -n "__fish_payctl_using_subcommand load; and __fish_seen_subcommand_from run" -l merchant -d 'Whose payments they are; in development the seeded merchant' -r
complete -c payctl -n "__fish_payctl_using_subcommand load; and __fish_seen_subcommand_from run" -l data-dir -d 'Where the platform\'s data is [env: PAYCTL_DATA_DIR]' -r -f -a "(__fish_complete_directories)"
complete -c payctl -n "__fish_payctl_using_subcommand load; and __fish_seen_subcommand_from run" -l port-offset -d 'Added to every port [env: PAYCTL_PORT_OFFSET]' -r
complete -c payctl -n "__fish_payctl_using_subcommand load; and __fish_seen_subcommand_from run" -l config -d 'Read this file instead of ./payctl.toml [env: PAYCTL_CONFIG]' -r -F
complete -c payctl -n "__fish_payctl_using_subcommand load; and __fish_seen_subcommand_from run" -l profile -d 'development, production [env: PAYCTL_PROFILE]' -r
complete -c payctl -n "__fish_payctl_using_subcommand load; and __fish_seen_subcommand_from run" -s o -l output -d 'table or wide for people, json or jsonl for programs' -r -f -a "table\t'Tables for people'
wide\t'The same with more columns, where there are more'
json\t'One JSON document, or one a line where a command follows'
jsonl\t'Each JSON document on one line'"
complete -c payctl -n "__fish_payctl_using_subcommand load; and __fish_seen_subcommand_from run" -l on-a-real-platform -d 'Go on although the profile is not development: the payments are real ones'
complete -c payctl -n "__fish_payctl_using_subcommand load; and __fish_seen_subcommand_from run" -l no-color -d 'No colour, also on a terminal [env: NO_COLOR]'
complete -c payctl -n "__fish_payctl_using_subcommand load; and __fish_seen_subcommand_from run" -s q -l quiet -d 'Only data and errors'
complete -c payctl -n "__fish_payctl_using_subcommand load; and __fish_seen_subcommand_from run" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c payctl -n "__fish_payctl_using_subcommand load; and __fish_seen_subcommand_from help" -f -a "run" -d 'Send requests at a rate, keep a journal of what is acknowledged, and prove that all of it is there'
complete -c payctl -n "__fish_payctl_using_subcommand load; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c payctl -n "__fish_payctl_using_subcommand selftest; and not __fish_seen_subcommand_from kafka help" -l data-dir -d 'Where the platform\'s data is [env: PAYCTL_DATA_DIR]' -r -f -a "(__fish_complete_directories)"
complete -c payctl -n "__fish_payctl_using_subcommand selftest; and not __fish_seen_subcommand_from kafka help" -l port-offset -d 'Added to every port [env: PAYCTL_PORT_OFFSET]' -r
complete -c payctl -n "__fish_payctl_using_subcommand selftest; and not __fish_seen_subcommand_from kafka help" -l config -d 'Read this file instead of ./payctl.toml [env: PAYCTL_CONFIG]' -r -F
complete -c payctl -n "__fish_payctl_using_subcommand selftest; and not __fish_seen_subcommand_from kafka help" -l profile -d 'development, production [env: PAYCTL_PROFILE]' -r
complete -c payctl -n "__fish_payctl_using_subcommand selftest; and not __fish_seen_subcommand_from kafka help" -s o -l output -d 'table or wide for people, json or jsonl for programs' -r -f -a "table\t'Tables for people'
wide\t'The same with more columns, where there are more'
json\t'One JSON document, or one a line where a command follows'
jsonl\t'Each JSON document on one line'"
complete -c payctl -n "__fish_payctl_using_subcommand selftest; and not __fish_seen_subcommand_from kafka help" -l no-color -d 'No colour, also on a terminal [env: NO_COLOR]'
complete -c payctl -n "__fish_payctl_using_subcommand selftest; and not __fish_seen_subcommand_from kafka help" -s q -l quiet -d 'Only data and errors'
complete -c payctl -n "__fish_payctl_using_subcommand selftest; and not __fish_seen_subcommand_from kafka help" -s h -l help -d 'Print help'
complete -c payctl -n "__fish_payctl_using_subcommand selftest; and not __fish_seen_subcommand_from kafka help" -f -a "kafka" -d 'Send 100 records to a scratch topic and read them back, and show how long that took'
complete -c payctl -n "__fish_payctl_using_subcommand selftest; and not __fish_seen_subcommand_from kafka help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c payctl -n "__fish_payctl_using_subcommand selftest; and __fish_seen_subcommand_from kafka" -l data-dir -d 'Where the platform\'s data is [env: PAYCTL_DATA_DIR]' -r -f -a "(__fish_complete_directories)"
complete -c payctl -n "__fish_payctl_using_subcommand selftest; and __fish_seen_subcommand_from kafka" -l port-offset -d 'Added to every port [env: PAYCTL_PORT_OFFSET]' -r
complete -c payctl -n "__fish_payctl_using_subcommand selftest; and __fish_seen_subcommand_from kafka" -l config -d 'Read this file instead of ./payctl.toml [env: PAYCTL_CONFIG]' -r -F
complete -c payctl -n "__fish_payctl_using_subcommand selftest; and __fish_seen_subcommand_from kafka" -l profile -d 'development, production [env: PAYCTL_PROFILE]' -r
complete -c payctl -n "__fish_payctl_using_subcommand selftest; and __fish_seen_subcommand_from kafka" -s o -l output -d 'table or wide for people, json or jsonl for programs' -r -f -a "table\t'Tables for people'
wide\t'The same with more columns, where there are more'
json\t'One JSON document, or one a line where a command follows'
jsonl\t'Each JSON document on one line'"
complete -c payctl -n "__fish_payctl_using_subcommand selftest; and __fish_seen_subcommand_from kafka" -l no-color -d 'No colour, also on a terminal [env: NO_COLOR]'
complete -c payctl -n "__fish_payctl_using_subcommand selftest; and __fish_seen_subcommand_from kafka" -s q -l quiet -d 'Only data and errors'
complete -c payctl -n "__fish_payctl_using_subcommand selftest; and __fish_seen_subcommand_from kafka" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c payctl -n "__fish_payctl_using_subcommand selftest; and __fish_seen_subcommand_from help" -f -a "kafka" -d 'Send 100 records to a scratch topic and read them back, and show how long that took'
complete -c payctl -n "__fish_payctl_using_subcommand selftest; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c payctl -n "__fish_payctl_using_subcommand config; and not __fish_seen_subcommand_from show keys example help" -l data-dir -d 'Where the platform\'s data is [env: PAYCTL_DATA_DIR]' -r -f -a "(__fish_complete_directories)"
complete -c payctl -n "__fish_payctl_using_subcommand config; and not __fish_seen_subcommand_from show keys example help" -l port-offset -d 'Added to every port [env: PAYCTL_PORT_OFFSET]' -r
complete -c payctl -n "__fish_payctl_using_subcommand config; and not __fish_seen_subcommand_from show keys example help" -l config -d 'Read this file instead of ./payctl.toml [env: PAYCTL_CONFIG]' -r -F
complete -c payctl -n "__fish_payctl_using_subcommand config; and not __fish_seen_subcommand_from show keys example help" -l profile -d 'development, production [env: PAYCTL_PROFILE]' -r
complete -c payctl -n "__fish_payctl_using_subcommand config; and not __fish_seen_subcommand_from show keys example help" -s o -l output -d 'table or wide for people, json or jsonl for programs' -r -f -a "table\t'Tables for people'
wide\t'The same with more columns, where there are more'
json\t'One JSON document, or one a line where a command follows'
jsonl\t'Each JSON document on one line'"
complete -c payctl -n "__fish_payctl_using_subcommand config; and not __fish_seen_subcommand_from show keys example help" -l no-color -d 'No colour, also on a terminal [env: NO_COLOR]'
complete -c payctl -n "__fish_payctl_using_subcommand config; and not __fish_seen_subcommand_from show keys example help" -s q -l quiet -d 'Only data and errors'
complete -c payctl -n "__fish_payctl_using_subcommand config; and not __fish_seen_subcommand_from show keys example help" -s h -l help -d 'Print help'
complete -c payctl -n "__fish_payctl_using_subcommand config; and not __fish_seen_subcommand_from show keys example help" -f -a "show" -d 'Show every setting with its value and where it came from; secrets are redacted'
complete -c payctl -n "__fish_payctl_using_subcommand config; and not __fish_seen_subcommand_from show keys example help" -f -a "keys" -d 'List every setting: its key in payctl.toml, its variable, its default'
complete -c payctl -n "__fish_payctl_using_subcommand config; and not __fish_seen_subcommand_from show keys example help" -f -a "example" -d 'Print a payctl.toml with every key, its meaning and its default, all commented out'
complete -c payctl -n "__fish_payctl_using_subcommand config; and not __fish_seen_subcommand_from show keys example help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c payctl -n "__fish_payctl_using_subcommand config; and __fish_seen_subcommand_from show" -l data-dir -d 'Where the platform\'s data is [env: PAYCTL_DATA_DIR]' -r -f -a "(__fish_complete_directories)"
complete -c payctl -n "__fish_payctl_using_subcommand config; and __fish_seen_subcommand_from show" -l port-offset -d 'Added to every port [env: PAYCTL_PORT_OFFSET]' -r
complete -c payctl -n "__fish_payctl_using_subcommand config; and __fish_seen_subcommand_from show" -l config -d 'Read this file instead of ./payctl.toml [env: PAYCTL_CONFIG]' -r -F
complete -c payctl -n "__fish_payctl_using_subcommand config; and __fish_seen_subcommand_from show" -l profile -d 'development, production [env: PAYCTL_PROFILE]' -r
complete -c payctl -n "__fish_payctl_using_subcommand config; and __fish_seen_subcommand_from show" -s o -l output -d 'table or wide for people, json or jsonl for programs' -r -f -a "table\t'Tables for people'
wide\t'The same with more columns, where there are more'
json\t'One JSON document, or one a line where a command follows'
jsonl\t'Each JSON document on one line'"
complete -c payctl -n "__fish_payctl_using_subcommand config; and __fish_seen_subcommand_from show" -l no-color -d 'No colour, also on a terminal [env: NO_COLOR]'
complete -c payctl -n "__fish_payctl_using_subcommand config; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Only data and errors'
complete -c payctl -n "__fish_payctl_using_subcommand config; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help'
complete -c payctl -n "__fish_payctl_using_subcommand config; and __fish_seen_subcommand_from keys" -l data-dir -d 'Where the platform\'s data is [env: PAYCTL_DATA_DIR]' -r -f -a "(__fish_complete_directories)"
complete -c payctl -n "__fish_payctl_using_subcommand config; and __fish_seen_subcommand_from keys" -l port-offset -d 'Added to every port [env: PAYCTL_PORT_OFFSET]' -r
complete -c payctl -n "__fish_payctl_using_subcommand config; and __fish_seen_subcommand_from keys" -l config -d 'Read this file instead of ./payctl.toml [env: PAYCTL_CONFIG]' -r -F
complete -c payctl -n "__fish_payctl_using_subcommand config; and __fish_seen_subcommand_from keys" -l profile -d 'development, production [env: PAYCTL_PROFILE]' -r
complete -c payctl -n "__fish_payctl_using_subcommand config; and __fish_seen_subcommand_from keys" -s o -l output -d 'table or wide for people, json or jsonl for programs' -r -f -a "table\t'Tables for people'
wide\t'The same with more columns, where there are more'
json\t'One JSON document, or one a line where a command follows'
jsonl\t'Each JSON document on one line'"
complete -c payctl -n "__fish_payctl_using_subcommand config; and __fish_seen_subcommand_from keys" -l no-color -d 'No colour, also on a terminal [env: NO_COLOR]'
complete -c payctl -n "__fish_payctl_using_subcommand config; and __fish_seen_subcommand_from keys" -s q -l quiet -d 'Only data and errors'
complete -c payctl -n "__fish_payctl_using_subcommand config; and __fish_seen_subcommand_from keys" -s h -l help -d 'Print help'
complete -c payctl -n "__fish_payctl_using_subcommand config; and __fish_seen_subcommand_from example" -l data-dir -d 'Where the platform\'s data is [env: PAYCTL_DATA_DIR]' -r -f -a "(__fish_complete_directories)"
complete -c payctl -n "__fish_payctl_using_subcommand config; and __fish_seen_subcommand_from example" -l port-offset -d 'Added to every port [env: PAYCTL_PORT_OFFSET]' -r
complete -c payctl -n "__fish_payctl_using_subcommand config; and __fish_seen_subcommand_from example" -l config -d 'Read this file instead of ./payctl.toml [env: PAYCTL_CONFIG]' -r -F
complete -c payctl -n "__fish_payctl_using_subcommand config; and __fish_seen_subcommand_from example" -l profile -d 'development, production [env: PAYCTL_PROFILE]' -r
complete -c payctl -n "__fish_payctl_using_subcommand config; and __fish_seen_subcommand_from example" -s o -l output -d 'table or wide for people, json or jsonl for programs' -r -f -a "table\t'Tables for people'
wide\t'The same with more columns, where there are more'
json\t'One JSON document, or one a line where a command follows'
jsonl\t'Each JSON document on one line'"
complete -c payctl -n "__fish_payctl_using_subcommand config; and __fish_seen_subcommand_from example" -l no-color -d 'No colour, also on a terminal [env: NO_COLOR]'
complete -c payctl -n "__fish_payctl_using_subcommand config; and __fish_seen_subcommand_from example" -s q -l quiet -d 'Only data and errors'
complete -c payctl -n "__fish_payctl_using_subcommand config; and __fish_seen_subcommand_from example" -s h -l help -d 'Print help'
complete -c payctl -n "__fish_payctl_using_subcommand config; and __fish_seen_subcommand_from help" -f -a "show" -d 'Show every setting with its value and where it came from; secrets are redacted'
complete -c payctl -n "__fish_payctl_using_subcommand config; and __fish_seen_subcommand_from help" -f -a "keys" -d 'List every setting: its key in payctl.toml, its variable, its default'
complete -c payctl -n "__fish_payctl_using_subcommand config; and __fish_seen_subcommand_from help" -f -a "example" -d 'Print a payctl.toml with every key, its meaning and its default, all commented out'
complete -c payctl -n "__fish_payctl_using_subcommand config; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c payctl -n "__fish_payctl_using_subcommand completions" -l data-dir -d 'Where the platform\'s data is [env: PAYCTL_DATA_DIR]' -r -f -a "(__fish_complete_directories)"
complete -c payctl -n "__fish_payctl_using_subcommand completions" -l port-offset -d 'Added to every port [env: PAYCTL_PORT_OFFSET]' -r
complete -c payctl -n "__fish_payctl_using_subcommand completions" -l config -d 'Read this file instead of ./payctl.toml [env: PAYCTL_CONFIG]' -r -F
complete -c payctl -n "__fish_payctl_using_subcommand completions" -l profile -d 'development, production [env: PAYCTL_PROFILE]' -r
complete -c payctl -n "__fish_payctl_using_subcommand completions" -s o -l output -d 'table or wide for people, json or jsonl for programs' -r -f -a "table\t'Tables for people'
wide\t'The same with more columns, where there are more'
json\t'One JSON document, or one a line where a command follows'
jsonl\t'Each JSON document on one line'"
complete -c payctl -n "__fish_payctl_using_subcommand completions" -l no-color -d 'No colour, also on a terminal [env: NO_COLOR]'
complete -c payctl -n "__fish_payctl_using_subcommand completions" -s q -l quiet -d 'Only data and errors'
complete -c payctl -n "__fish_payctl_using_subcommand completions" -s h -l help -d 'Print help'
complete -c payctl -n "__fish_payctl_using_subcommand man" -l dir -d 'Write one page for every command into this directory' -r -f -a "(__fish_complete_directories)"
complete -c payctl -n "__fish_payctl_using_subcommand man" -l data-dir -d 'Where the platform\'s data is [env: PAYCTL_DATA_DIR]' -r -f -a "(__fish_complete_directories)"
complete -c payctl -n "__fish_payctl_using_subcommand man" -l port-offset -d 'Added to every port [env: PAYCTL_PORT_OFFSET]' -r
complete -c payctl -n "__fish_payctl_using_subcommand man" -l config -d 'Read this file instead of ./payctl.toml [env: PAYCTL_CONFIG]' -r -F
complete -c payctl -n "__fish_payctl_using_subcommand man" -l profile -d 'development, production [env: PAYCTL_PROFILE]' -r
complete -c payctl -n "__fish_payctl_using_subcommand man" -s o -l output -d 'table or wide for people, json or jsonl for programs' -r -f -a "table\t'Tables for people'
wide\t'The same with more columns, where there are more'
json\t'One JSON document, or one a line where a command follows'
jsonl\t'Each JSON document on one line'"
complete -c payctl -n "__fish_payctl_using_subcommand man" -l no-color -d 'No colour, also on a terminal [env: NO_COLOR]'
complete -c payctl -n "__fish_payctl_using_subcommand man" -s q -l quiet -d 'Only data and errors'
complete -c payctl -n "__fish_payctl_using_subcommand man" -s h -l help -d 'Print help'
complete -c payctl -n "__fish_payctl_using_subcommand help; and not __fish_seen_subcommand_from up serve payments orders topics events groups dlq status lag trace metrics ledger verify bundle load selftest config completions man help" -f -a "up" -d 'Run the whole platform in this process, in the development profile'
complete -c payctl -n "__fish_payctl_using_subcommand help; and not __fish_seen_subcommand_from up serve payments orders topics events groups dlq status lag trace metrics ledger verify bundle load selftest config completions man help" -f -a "serve" -d 'Run some services in this process, in the production profile'
complete -c payctl -n "__fish_payctl_using_subcommand help; and not __fish_seen_subcommand_from up serve payments orders topics events groups dlq status lag trace metrics ledger verify bundle load selftest config completions man help" -f -a "payments" -d 'Create, find, pay and cancel payments'
complete -c payctl -n "__fish_payctl_using_subcommand help; and not __fish_seen_subcommand_from up serve payments orders topics events groups dlq status lag trace metrics ledger verify bundle load selftest config completions man help" -f -a "orders" -d 'Find orders and move them on'
complete -c payctl -n "__fish_payctl_using_subcommand help; and not __fish_seen_subcommand_from up serve payments orders topics events groups dlq status lag trace metrics ledger verify bundle load selftest config completions man help" -f -a "topics" -d 'Look at the log'
complete -c payctl -n "__fish_payctl_using_subcommand help; and not __fish_seen_subcommand_from up serve payments orders topics events groups dlq status lag trace metrics ledger verify bundle load selftest config completions man help" -f -a "events" -d 'Look at stored events, replay them beside the live tables, or publish them again'
complete -c payctl -n "__fish_payctl_using_subcommand help; and not __fish_seen_subcommand_from up serve payments orders topics events groups dlq status lag trace metrics ledger verify bundle load selftest config completions man help" -f -a "groups" -d 'Look at the consumer groups, or set one elsewhere'
complete -c payctl -n "__fish_payctl_using_subcommand help; and not __fish_seen_subcommand_from up serve payments orders topics events groups dlq status lag trace metrics ledger verify bundle load selftest config completions man help" -f -a "dlq" -d 'Look at dead letters, and replay or discard them'
complete -c payctl -n "__fish_payctl_using_subcommand help; and not __fish_seen_subcommand_from up serve payments orders topics events groups dlq status lag trace metrics ledger verify bundle load selftest config completions man help" -f -a "status" -d 'Show whether every service, the database, the log and each group work'
complete -c payctl -n "__fish_payctl_using_subcommand help; and not __fish_seen_subcommand_from up serve payments orders topics events groups dlq status lag trace metrics ledger verify bundle load selftest config completions man help" -f -a "lag" -d 'Show how far each group is behind, in records, time and money'
complete -c payctl -n "__fish_payctl_using_subcommand help; and not __fish_seen_subcommand_from up serve payments orders topics events groups dlq status lag trace metrics ledger verify bundle load selftest config completions man help" -f -a "trace" -d 'Show one payment across gateway, log, groups, books and mail, with what is missing'
complete -c payctl -n "__fish_payctl_using_subcommand help; and not __fish_seen_subcommand_from up serve payments orders topics events groups dlq status lag trace metrics ledger verify bundle load selftest config completions man help" -f -a "metrics" -d 'Show what analytics has counted: a merchant\'s payments and orders, and a channel\'s transactions'
complete -c payctl -n "__fish_payctl_using_subcommand help; and not __fish_seen_subcommand_from up serve payments orders topics events groups dlq status lag trace metrics ledger verify bundle load selftest config completions man help" -f -a "ledger" -d 'Look at the books, or take them along'
complete -c payctl -n "__fish_payctl_using_subcommand help; and not __fish_seen_subcommand_from up serve payments orders topics events groups dlq status lag trace metrics ledger verify bundle load selftest config completions man help" -f -a "verify" -d 'Check the invariants of the platform on one snapshot, live or not'
complete -c payctl -n "__fish_payctl_using_subcommand help; and not __fish_seen_subcommand_from up serve payments orders topics events groups dlq status lag trace metrics ledger verify bundle load selftest config completions man help" -f -a "bundle" -d 'Gather what somebody who helps needs to see into one file, masked'
complete -c payctl -n "__fish_payctl_using_subcommand help; and not __fish_seen_subcommand_from up serve payments orders topics events groups dlq status lag trace metrics ledger verify bundle load selftest config completions man help" -f -a "load" -d 'Put load on a platform and prove that no acknowledged money is lost'
complete -c payctl -n "__fish_payctl_using_subcommand help; and not __fish_seen_subcommand_from up serve payments orders topics events groups dlq status lag trace metrics ledger verify bundle load selftest config completions man help" -f -a "selftest" -d 'Try out what the platform stands on'
complete -c payctl -n "__fish_payctl_using_subcommand help; and not __fish_seen_subcommand_from up serve payments orders topics events groups dlq status lag trace metrics ledger verify bundle load selftest config completions man help" -f -a "config" -d 'Show what is configured, and what can be'
complete -c payctl -n "__fish_payctl_using_subcommand help; and not __fish_seen_subcommand_from up serve payments orders topics events groups dlq status lag trace metrics ledger verify bundle load selftest config completions man help" -f -a "completions" -d 'Print the script that lets a shell complete payctl\'s words'
complete -c payctl -n "__fish_payctl_using_subcommand help; and not __fish_seen_subcommand_from up serve payments orders topics events groups dlq status lag trace metrics ledger verify bundle load selftest config completions man help" -f -a "man" -d 'Print the manual'
complete -c payctl -n "__fish_payctl_using_subcommand help; and not __fish_seen_subcommand_from up serve payments orders topics events groups dlq status lag trace metrics ledger verify bundle load selftest config completions man help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c payctl -n "__fish_payctl_using_subcommand help; and __fish_seen_subcommand_from payments" -f -a "create" -d 'Create a payment and print its number and the page that takes the money'
complete -c payctl -n "__fish_payctl_using_subcommand help; and __fish_seen_subcommand_from payments" -f -a "get" -d 'Show one payment, whether a platform runs or not'
complete -c payctl -n "__fish_payctl_using_subcommand help; and __fish_seen_subcommand_from payments" -f -a "list" -d 'List payments, newest first, whether a platform runs or not'
complete -c payctl -n "__fish_payctl_using_subcommand help; and __fish_seen_subcommand_from payments" -f -a "cancel" -d 'Cancel a payment that nobody has paid; the channel\'s intent is closed first'
complete -c payctl -n "__fish_payctl_using_subcommand help; and __fish_seen_subcommand_from payments" -f -a "pay" -d 'Do what the payer does on the checkout page (development only)'
complete -c payctl -n "__fish_payctl_using_subcommand help; and __fish_seen_subcommand_from orders" -f -a "get" -d 'Show one order, whether a platform runs or not'
complete -c payctl -n "__fish_payctl_using_subcommand help; and __fish_seen_subcommand_from orders" -f -a "list" -d 'List orders, newest first, whether a platform runs or not'
complete -c payctl -n "__fish_payctl_using_subcommand help; and __fish_seen_subcommand_from orders" -f -a "ship" -d 'Say that a paid order is on its way'
complete -c payctl -n "__fish_payctl_using_subcommand help; and __fish_seen_subcommand_from orders" -f -a "complete" -d 'Say that a shipped order has arrived'
complete -c payctl -n "__fish_payctl_using_subcommand help; and __fish_seen_subcommand_from topics" -f -a "list" -d 'List the topics with their partitions, retention and records'
complete -c payctl -n "__fish_payctl_using_subcommand help; and __fish_seen_subcommand_from topics" -f -a "describe" -d 'Show one topic: its partitions with their offsets, its retention, its copies, and what is not as it should be'
complete -c payctl -n "__fish_payctl_using_subcommand help; and __fish_seen_subcommand_from topics" -f -a "init" -d 'Create the topics that are missing on the brokers, and say where one is not as it should be'
complete -c payctl -n "__fish_payctl_using_subcommand help; and __fish_seen_subcommand_from topics" -f -a "tail" -d 'Show the last records of topics, merged by time; -f goes on'
complete -c payctl -n "__fish_payctl_using_subcommand help; and __fish_seen_subcommand_from topics" -f -a "produce" -d 'Put records on a topic of the brokers, as `payctl topics tail --raw -o jsonl` has written them'
complete -c payctl -n "__fish_payctl_using_subcommand help; and __fish_seen_subcommand_from events" -f -a "list" -d 'List stored events, newest last, whether a platform runs or not'
complete -c payctl -n "__fish_payctl_using_subcommand help; and __fish_seen_subcommand_from events" -f -a "show" -d 'Show one event: what it says, where it lies on the log, and which groups have applied it'
complete -c payctl -n "__fish_payctl_using_subcommand help; and __fish_seen_subcommand_from events" -f -a "replay" -d 'Rebuild payments, orders, books and metrics from the stored events alone, and compare'
complete -c payctl -n "__fish_payctl_using_subcommand help; and __fish_seen_subcommand_from events" -f -a "republish" -d 'Fill a topic again from the permanent event store, in the order of each aggregate'
complete -c payctl -n "__fish_payctl_using_subcommand help; and __fish_seen_subcommand_from groups" -f -a "list" -d 'List the groups with their members, what these do, and how far they are behind'
complete -c payctl -n "__fish_payctl_using_subcommand help; and __fish_seen_subcommand_from groups" -f -a "describe" -d 'Show one group: its members, and where it stands in each partition'
complete -c payctl -n "__fish_payctl_using_subcommand help; and __fish_seen_subcommand_from groups" -f -a "reset-offsets" -d 'Set a group to another place of a topic, such as the start of one that was made anew'
complete -c payctl -n "__fish_payctl_using_subcommand help; and __fish_seen_subcommand_from dlq" -f -a "list" -d 'List dead letters by what they failed of, with their money, or one by one'
complete -c payctl -n "__fish_payctl_using_subcommand help; and __fish_seen_subcommand_from dlq" -f -a "show" -d 'Show one dead letter, or a cause with the oldest of its letters, and what a replay would do'
complete -c payctl -n "__fish_payctl_using_subcommand help; and __fish_seen_subcommand_from dlq" -f -a "replay" -d 'Have the group that failed try dead letters again, and follow each until its effect is there'
complete -c payctl -n "__fish_payctl_using_subcommand help; and __fish_seen_subcommand_from dlq" -f -a "status" -d 'Show a replay\'s plan and what has become of it by now'
complete -c payctl -n "__fish_payctl_using_subcommand help; and __fish_seen_subcommand_from dlq" -f -a "discard" -d 'Give dead letters up: their effect never comes, and what is held behind them goes on without it'
complete -c payctl -n "__fish_payctl_using_subcommand help; and __fish_seen_subcommand_from dlq" -f -a "restore" -d 'Take a discard back, so that the dead letters can be replayed'
complete -c payctl -n "__fish_payctl_using_subcommand help; and __fish_seen_subcommand_from dlq" -f -a "export" -d 'Write dead letters with their bytes, one JSON document a line'
complete -c payctl -n "__fish_payctl_using_subcommand help; and __fish_seen_subcommand_from dlq" -f -a "import" -d 'Take dead letters in from elsewhere, so that their group can be asked to try them'
complete -c payctl -n "__fish_payctl_using_subcommand help; and __fish_seen_subcommand_from ledger" -f -a "balances" -d 'Show what is in every account, and that debits equal credits'
complete -c payctl -n "__fish_payctl_using_subcommand help; and __fish_seen_subcommand_from ledger" -f -a "entries" -d 'Show the newest entries of the books'
complete -c payctl -n "__fish_payctl_using_subcommand help; and __fish_seen_subcommand_from ledger" -f -a "export" -d 'Print the whole books as a plain-text ledger with balance assertions, for a checker that is not ours'
complete -c payctl -n "__fish_payctl_using_subcommand help; and __fish_seen_subcommand_from verify" -f -a "acked" -d 'Check that everything a journal acknowledges is there, once and unchanged, and that the money is the same everywhere'
complete -c payctl -n "__fish_payctl_using_subcommand help; and __fish_seen_subcommand_from verify" -f -a "canary" -d 'Send a marked payment through the platform and follow it until everything that should happen has'
complete -c payctl -n "__fish_payctl_using_subcommand help; and __fish_seen_subcommand_from verify" -f -a "consumption" -d 'Account for every event that each group was given: applied, parked, given up, ignored, or skipped'
complete -c payctl -n "__fish_payctl_using_subcommand help; and __fish_seen_subcommand_from verify" -f -a "replay" -d 'Compare kept answers with what the gateway\'s own code answers, byte by byte (I3)'
complete -c payctl -n "__fish_payctl_using_subcommand help; and __fish_seen_subcommand_from verify" -f -a "topic" -d 'Compare topics with the permanent event store, record by record'
complete -c payctl -n "__fish_payctl_using_subcommand help; and __fish_seen_subcommand_from load" -f -a "run" -d 'Send requests at a rate, keep a journal of what is acknowledged, and prove that all of it is there'
complete -c payctl -n "__fish_payctl_using_subcommand help; and __fish_seen_subcommand_from selftest" -f -a "kafka" -d 'Send 100 records to a scratch topic and read them back, and show how long that took'
complete -c payctl -n "__fish_payctl_using_subcommand help; and __fish_seen_subcommand_from config" -f -a "show" -d 'Show every setting with its value and where it came from; secrets are redacted'
complete -c payctl -n "__fish_payctl_using_subcommand help; and __fish_seen_subcommand_from config" -f -a "keys" -d 'List every setting: its key in payctl.toml, its variable, its default'
complete -c payctl -n "__fish_payctl_using_subcommand help; and __fish_seen_subcommand_from config" -f -a "example" -d 'Print a payctl.toml with every key, its meaning and its default, all commented out'
