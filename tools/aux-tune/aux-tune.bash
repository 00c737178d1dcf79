# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# bash completion for aux-tune(8)

# Those of the arguments that begin with the word to complete. Not compgen -W, which expands
# what it is given: names come from drivers.
_aux_tune_offer()
{
	local word
	for word; do
		[[ $word == "$cur"* ]] || continue
		[[ $word != *[!A-Za-z0-9_.,+:@%/-]* ]] || word=$(printf %q "$word")
		COMPREPLY+=("$word")
	done
}

# Names of PMUs: those with the attribute, or all where none has it.
_aux_tune_pmus()
{
	local devices=$root/sys/bus/event_source/devices dir pmus=()
	for dir in "$devices"/*/; do
		dir=${dir%/}
		[[ ! -e $dir/aux_max_order ]] || pmus+=("${dir##*/}")
	done
	if ((!${#pmus[@]})); then
		for dir in "$devices"/*/; do
			dir=${dir%/}
			[[ ! -d $dir ]] || pmus+=("${dir##*/}")
		done
	fi
	_aux_tune_offer "${pmus[@]}"
}

# A column of /proc/buddyinfo for each order.
_aux_tune_orders()
{
	local line=() i
	{ read -ra line < "$root/proc/buddyinfo"; } 2> /dev/null
	for ((i = 0; i < ${#line[@]} - 4; i++)); do
		_aux_tune_offer "$i"
	done
}

# Columns as --help lists them; only the last of a list is completed.
_aux_tune_columns()
{
	local before='' column
	[[ $cur != *,* ]] || before=${cur%,*},
	[[ $cur != +* || -n $before ]] || before=+
	while read -r column; do
		_aux_tune_offer "$before$column"
	done < <("${COMP_WORDS[0]}" --help 2> /dev/null |
		 sed -n '/^Columns/,/^$/s/^  \([A-Z][^ ]*\).*/\1/p')
}

_aux_tune_options()
{
	local options="--json --quiet --readonly --root --help --version"
	case $verb in
	'') options+=" --all --interval" ;;
	list | show) options+=" --all --output" ;;
	set | reset | save | unsave) options+=" --dry-run" ;;
	watch) options+=" --all --output --interval --count" ;;
	probe) options+=" --dry-run --size --orders --mode" ;;
	export) options+=" --file" ;;
	esac
	# shellcheck disable=SC2086 # one word each
	_aux_tune_offer $options
}

_aux_tune()
{
	local cur=${COMP_WORDS[COMP_CWORD]} verb='' root='' option='' arguments=0 word i
	COMPREPLY=()

	for ((i = 1; i < COMP_CWORD; i++)); do
		word=${COMP_WORDS[i]}
		case $word in
		--root | --output | -o | --interval | -d | --count | -n | --file | -f | --size | --orders | --mode)
			# "--root=DIR" is three words to the shell.
			[[ ${COMP_WORDS[i + 1]} != "=" ]] || ((i++))
			((++i))
			if ((i >= COMP_CWORD)); then
				option=$word
				[[ $cur != "=" ]] || cur=
			elif [[ $word == --root ]]; then
				root=${COMP_WORDS[i]}
			fi
			;;
		-*) ;;
		*)
			if [[ -z $verb ]]; then
				verb=$word
			else
				((++arguments))
			fi
			;;
		esac
	done

	case $option in
	'') ;;
	--root)
		mapfile -t COMPREPLY < <(compgen -d -- "$cur")
		compopt -o filenames 2> /dev/null
		return
		;;
	--file | -f)
		mapfile -t COMPREPLY < <(compgen -f -- "$cur")
		compopt -o filenames 2> /dev/null
		return
		;;
	--output | -o) _aux_tune_columns; return ;;
	--mode) _aux_tune_offer rw overwrite; return ;;
	--size) _aux_tune_offer 1M 4M 16M 64M 256M 1G; return ;;
	--orders) _aux_tune_orders; return ;;
	*) return ;;
	esac

	if [[ $cur == -* ]]; then
		_aux_tune_options
	elif [[ -z $verb ]]; then
		_aux_tune_offer list show get set reset watch probe export save unsave verify
	else
		_aux_tune_pmus
		if [[ $verb == set ]] && ((arguments)); then
			_aux_tune_orders
			_aux_tune_offer max
		fi
	fi
}

complete -F _aux_tune aux-tune
